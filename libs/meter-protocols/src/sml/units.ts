/** DLMS unit codes (IEC 62056-6-2), which SML 1.04 §7.5.1 refers to: the code is the index. */
const names: readonly (string | undefined)[] = Object.assign(
  new Array<undefined>(256).fill(undefined),
  {
    5: 'h',
    6: 'min',
    7: 's',
    8: '°',
    9: '°C',
    13: 'm3',
    14: 'm3',
    15: 'm3/h',
    16: 'm3/h',
    19: 'L',
    25: 'J',
    27: 'W',
    28: 'VA',
    29: 'var',
    30: 'Wh',
    31: 'VAh',
    32: 'varh',
    33: 'A',
    34: 'C',
    35: 'V',
    44: 'Hz',
    45: '1/Wh',
    46: '1/varh',
    47: '1/VAh',
    48: 'V2h',
    49: 'A2h',
    52: 'K',
    56: '%',
    57: 'Ah',
  },
);

/** Undefined for counts (255), reserved codes and an absent unit. */
export const unitName = (code: number): string | undefined => names[code];

export const unitCode = (name: string): number | undefined => {
  const code = names.indexOf(name);
  return code < 0 ? undefined : code;
};

const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * `value · 10^scaler`. Dividing by an exact power of ten rounds once, so 147967771 at scaler −1 is
 * 14796777.1 and not 14796777.100000001.
 */
export function scaled(value: number, scaler: number): number {
  if (scaler === 0) return value;
  const power = powersOfTen[scaler < 0 ? -scaler : scaler];
  if (power === undefined) return value * 10 ** scaler;
  return scaler < 0 ? value / power : value * power;
}
