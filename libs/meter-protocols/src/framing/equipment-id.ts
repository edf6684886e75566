/**
 * Equipment numbers are ASCII in hexadecimal digits (DSMR P1, EN 13757-1); meters that print them
 * plainly, or print zeros, are taken at their word.
 */
export function decodeEquipmentId(stated: string): string {
  if (!/^(?:[2-7][0-9A-Fa-f])+$/.test(stated)) return stated.trim();
  let decoded = '';
  for (let index = 0; index < stated.length; index += 2) {
    decoded += String.fromCharCode(parseInt(stated.slice(index, index + 2), 16));
  }
  return /^[ -~]*[0-9A-Za-z][ -~]*$/.test(decoded) ? decoded.trim() : stated.trim();
}

export function encodeEquipmentId(id: string): string {
  return [...id]
    .map((character) => character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0'))
    .join('');
}
