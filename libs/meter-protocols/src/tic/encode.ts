import { Buffer } from 'node:buffer';
import type { Measured, QuantityName } from '@wattbus/energy-model';
import { checksum } from './group.js';
import { formatHorodate } from './horodate.js';
import { clockLabel } from './labels.js';

export interface TicGroup {
  readonly label: string;
  /** ISO 8601 with offset; standard mode only. */
  readonly at?: string;
  readonly data: string;
}

export interface TicFrame {
  readonly mode: 'historique' | 'standard';
  readonly groups: readonly TicGroup[];
  /** Offset of winter time, which tells the season of a time; 60 if left out. */
  readonly standardOffsetMinutes?: number;
}

/** The frame as a meter sends it, from STX to ETX, in seven bits. */
export function encodeTic({ mode, groups, standardOffsetMinutes = 60 }: TicFrame): Uint8Array {
  const separator = mode === 'standard' ? '\t' : ' ';
  const lines = groups.map(({ label, at, data }) => {
    const horodate = at === undefined ? [] : [formatHorodate(at, standardOffsetMinutes)];
    const covered = [label, ...horodate, data].join(separator) + separator;
    const end = mode === 'standard' ? covered.length : covered.length - 1;
    return `\n${covered}${String.fromCharCode(checksum(covered, end))}\r`;
  });
  return Buffer.from(`\x02${lines.join('')}\x03`, 'latin1');
}

type Row = readonly [QuantityName, label: string, digits: number];

const standardRows: readonly Row[] = [
  ['energyImportWh', 'EAST', 9],
  ['energyImportTariff1Wh', 'EASF01', 9],
  ['energyImportTariff2Wh', 'EASF02', 9],
  ['energyExportWh', 'EAIT', 9],
  ['currentL1A', 'IRMS1', 3],
  ['currentL2A', 'IRMS2', 3],
  ['currentL3A', 'IRMS3', 3],
  ['voltageL1V', 'URMS1', 3],
  ['voltageL2V', 'URMS2', 3],
  ['voltageL3V', 'URMS3', 3],
  ['apparentPowerVA', 'SINSTS', 5],
];
const historiqueRows: readonly Row[] = [
  ['energyImportWh', 'BASE', 9],
  ['currentL1A', 'IINST', 3],
  ['apparentPowerVA', 'PAPP', 5],
];

const rowsOf = { standard: standardRows, historique: historiqueRows } as const;

/** Groups for what is measured, as a single-phase meter on the basic tariff states it. */
export function ticGroupsOf(
  mode: TicFrame['mode'],
  { meterId, at }: { readonly meterId: string; readonly at: string },
  measured: Measured,
): readonly TicGroup[] {
  const values = rowsOf[mode].flatMap(([quantity, label, digits]) => {
    const value = measured[quantity];
    if (value === undefined) return [];
    return [{ label, data: String(Math.round(Math.abs(value))).padStart(digits, '0') }];
  });
  return mode === 'standard'
    ? [
        { label: 'ADSC', data: meterId },
        { label: 'VTIC', data: '02' },
        { label: clockLabel, at, data: '' },
        { label: 'NGTF', data: '      BASE      ' },
        ...values,
      ]
    : [
        { label: 'ADCO', data: meterId },
        { label: 'OPTARIF', data: 'BASE' },
        ...values,
        { label: 'MOTDETAT', data: '000000' },
      ];
}
