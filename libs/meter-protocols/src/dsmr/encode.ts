import { Buffer } from 'node:buffer';
import type { Measured } from '@wattbus/energy-model';
import { crc16Arc } from '../framing/crc16.js';
import { encodeEquipmentId } from '../framing/equipment-id.js';
import { objectRows, type ObjectRow, type P1Variant, type SpecialObject } from './encode-rows.js';

/** What a meter has to say, in the units and with the signs of the energy model. */
export interface DsmrDescription {
  readonly variant: P1Variant;
  /** Without the leading slash: `ISK5\2M550T-1012`. */
  readonly identification: string;
  /** Printable ASCII; printed in hexadecimal as the standard asks. */
  readonly meterId: string;
  /** The meter's civil time, ISO 8601 with its offset; versions before 4 do not print it. */
  readonly at: string;
  /** Offset of standard (winter) time: an offset an hour ahead of it is summer time. */
  readonly standardOffsetMinutes: number;
  /** Quantities that the variant has no object for are left out. */
  readonly measured: Measured;
  readonly channels?: readonly ChannelDescription[];
  /** The log of long failures, as 4.0 and later print it. */
  readonly powerFailures?: readonly { readonly endedAt: string; readonly durationS: number }[];
  /** Belgian: when the month's peak `demandImportPeakMonthW` was, and those of past months. */
  readonly demandImportPeakMonthAt?: string;
  readonly pastPeaks?: readonly {
    readonly monthEnd: string;
    readonly at: string;
    readonly demandW: number;
  }[];
}

/** A gas, water or heat meter on the M-Bus. */
export interface ChannelDescription {
  readonly channel: number;
  /** EN 13757-3: 3 gas, 4 heat, 7 water … */
  readonly deviceType: number;
  readonly id: string;
  readonly at: string;
  readonly value: number;
  readonly unit: 'm3' | 'GJ';
}

/** The telegram as bytes, with CR LF line ends and, from 4.0 on, its checksum. */
export function encodeDsmr(description: DsmrDescription): Uint8Array {
  const lines = [
    `/${description.identification}`,
    '',
    ...objectRows
      .filter(({ variants }) => variants.includes(description.variant))
      .flatMap((row) => objectLines(row, description)),
    ...(description.channels ?? []).flatMap((channel) => channelLines(channel, description)),
    '!',
  ];
  const body = Buffer.from(lines.join('\r\n'), 'latin1');
  const crc = crc16Arc(body).toString(16).toUpperCase().padStart(4, '0');
  const end = description.variant === '2.2' ? '\r\n' : `${crc}\r\n`;
  return Buffer.concat([body, Buffer.from(end, 'latin1')]);
}

function objectLines(row: ObjectRow, description: DsmrDescription): readonly string[] {
  if ('text' in row) return [`${row.obis}(${row.text})`];
  if ('special' in row) return specials[row.special](description).map((rest) => row.obis + rest);
  const value = row.value(description.measured);
  return value === undefined ? [] : [`${row.obis}(${fixed(value, row)})`];
}

const specials = {
  time: (description: DsmrDescription) => [`(${p1Time(description.at, description)})`],
  id: ({ meterId }: DsmrDescription) => [`(${encodeEquipmentId(meterId)})`],
  failures: ({ powerFailures, standardOffsetMinutes }: DsmrDescription) => {
    if (!powerFailures) return [];
    const entries = powerFailures.map(({ endedAt, durationS }) => {
      const duration = fixed(durationS, { digits: 10, decimals: 0, unit: 's' });
      return `(${p1Time(endedAt, { standardOffsetMinutes })})(${duration})`;
    });
    return [`(${entries.length})(0-0:96.7.19)${entries.join('')}`];
  },
  peak: (description: DsmrDescription) => {
    const { demandImportPeakMonthAt: at, measured } = description;
    if (!at || measured.demandImportPeakMonthW === undefined) return [];
    return [`(${p1Time(at, description)})(${peakDemand(measured.demandImportPeakMonthW)})`];
  },
  pastPeaks: (description: DsmrDescription) => {
    if (!description.pastPeaks) return [];
    const entries = description.pastPeaks.map(
      ({ monthEnd, at, demandW }) =>
        `(${p1Time(monthEnd, description)})(${p1Time(at, description)})(${peakDemand(demandW)})`,
    );
    return [`(${entries.length})(1-0:1.6.0)(1-0:1.6.0)${entries.join('')}`];
  },
} satisfies Record<SpecialObject, (description: DsmrDescription) => readonly string[]>;

const peakDemand = (watts: number): string =>
  fixed(watts / 1000, { digits: 2, decimals: 3, unit: 'kW' });

function channelLines(device: ChannelDescription, description: DsmrDescription): readonly string[] {
  const { variant } = description;
  const at = p1Time(device.at, description);
  const channel = `0-${device.channel}`;
  const value = fixed(device.value, { digits: 5, decimals: 3 });
  const type = String(device.deviceType).padStart(variant === '2.2' ? 1 : 3, '0');
  const id = encodeEquipmentId(device.id);
  if (variant === '2.2') {
    // The status word says what the timestamp cannot: 08 is daylight saving time.
    const status = at.endsWith('S') ? '08' : '00';
    return [
      `${channel}:24.1.0(${type})`,
      `${channel}:96.1.0(${id})`,
      `${channel}:24.3.0(${at.slice(0, 12)})(${status})(60)(1)(${channel}:24.2.1)(${device.unit})`,
      `(${value})`,
      `${channel}:24.4.0(1)`,
    ];
  }
  const belgian = variant === 'belgian';
  return [
    `${channel}:24.1.0(${type})`,
    `${channel}:96.1.${belgian ? 1 : 0}(${id})`,
    `${channel}:24.2.${belgian && device.deviceType === 3 ? 3 : 1}(${at})(${value}*${device.unit})`,
  ];
}

interface NumberFormat {
  readonly digits: number;
  readonly decimals: number;
  readonly unit?: string;
}

/** Zero-padded, as the standard's F9(3,3); a number that does not fit is a fault of the caller. */
function fixed(value: number, { digits, decimals, unit }: NumberFormat): string {
  const width = digits + (decimals > 0 ? decimals + 1 : 0);
  const text = value.toFixed(decimals).padStart(width, '0');
  if (!(value >= 0) || text.length > width) throw new RangeError(`${value} does not fit a meter`);
  return unit === undefined ? text : `${text}*${unit}`;
}

const isoInstant = /^20(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?([+-])(\d\d):(\d\d)$/;

function p1Time(
  iso: string,
  { standardOffsetMinutes }: { readonly standardOffsetMinutes: number },
): string {
  const match = isoInstant.exec(iso);
  if (!match) throw new RangeError(`${iso} is no civil time of this century with its offset`);
  const [, year, month, day, hour, minute, second, sign, hours, minutes] = match;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const season = offset === standardOffsetMinutes ? 'W' : 'S';
  return `${year}${month}${day}${hour}${minute}${second}${season}`;
}
