import { hex, isPrintable } from './octets.js';

/** FLAG manufacturer codes (DLMS User Association) as they lead system titles and list names. */
const manufacturers = new Map<string, string>([
  ['AID', 'Aidon'],
  ['AUX', 'Ningbo Sanxing'],
  ['ELS', 'Elster'],
  ['EMB', 'Landis+Gyr'],
  ['EMH', 'EMH'],
  ['EMR', 'Energomera'],
  ['ENE', 'Energomera'],
  ['HON', 'Honeywell'],
  ['HXE', 'Hexing'],
  ['HXG', 'Hexing'],
  ['ISK', 'Iskraemeco'],
  ['ITR', 'Itron'],
  ['KAI', 'Kaifa'],
  ['KAM', 'Kamstrup'],
  ['KFM', 'Kaifa'],
  ['LGZ', 'Landis+Gyr'],
  ['LUG', 'Landis+Gyr'],
  ['SAC', 'Sagemcom'],
  ['SAG', 'Sagemcom'],
  ['SIE', 'Siemens'],
  ['SMS', 'Siemens'],
  ['SZX', 'Sanxing'],
  ['ZIV', 'ZIV'],
  ['ZPA', 'ZPA'],
]);

/** The manufacturer that a system title, device name or list version begins with. */
export const manufacturerOf = (text: string): string | undefined =>
  manufacturers.get(text.slice(0, 3).toUpperCase());

/** Three letters and five bytes; the bytes as hexadecimal unless they are text too. */
export function systemTitleText(title: Uint8Array): string {
  if (isPrintable(title, 0, title.length)) return String.fromCharCode(...title);
  return isPrintable(title, 0, 3)
    ? String.fromCharCode(...title.subarray(0, 3)) + hex(title.subarray(3))
    : hex(title);
}

/** Where meters state what they are called; earlier entries win. */
export const idCodes: readonly string[] = [
  '0-0:96.1.0',
  '1-1:0.0.5',
  '1-0:96.1.0',
  '0-0:96.1.1',
  // Iskraemeco in Slovenia names the list in the objects that follow, and the meter in this one.
  '0-0:42.0.0',
  '0-0:96.1.2',
  '0-0:96.1.3',
  '1-1:0.0.1',
  '1-0:0.0.0',
];
/** List versions (AIDON_V0001, KFM_001 …) name the manufacturer. */
export const versionCodes: readonly string[] = ['1-1:0.2.129', '1-0:0.2.129'];
export const modelCodes: readonly string[] = ['0-0:96.1.7', '1-1:96.1.1'];
/** Codes that only some manufacturers' letters lead: device names and serial numbers. */
export const nameCodes: readonly string[] = ['0-0:42.0.0', '0-0:96.1.0', '0-0:96.1.1'];
