import type { Register } from '@wattbus/energy-model';
import type { DataSet } from './data-block.js';
import { laterBy, readStamp } from './meter-time.js';
import { readValue } from './value-text.js';

/**
 * The load profile of VDEW-Lastenheft 2.1 (§5.5): a header
 * `P.01(time stamp)(status)(minutes)(channels)(code)(unit)(code)(unit)…`, then rows of one value per
 * channel, each a period later than the one before. The log book `P.98` has a status only.
 *
 * Its values are of the past, so they have labels instead of OBIS codes: `P.01 1.5` is what 1.5
 * was at the register's own time.
 */
const profile = /^(?:\d-\d:)?P\.(\d{1,2})(?:\*\d+)?$/;

export const isProfileHeader = ({ address }: DataSet): boolean =>
  address.includes('P') && profile.test(address);

export class LoadProfile {
  private readonly header: DataSet;
  private readonly startsAt: string | null;
  private readonly periodMinutes: number;
  private readonly channels: readonly { code: string; unit: string }[];
  private rows = 0;

  constructor(header: DataSet, standardOffsetMinutes: number) {
    const [, minutes = '', count = '', ...channels] = header.more;
    this.header = header;
    this.startsAt = readStamp(header.first.trim(), standardOffsetMinutes);
    this.periodMinutes = Number(minutes) || 0;
    this.channels = Array.from(
      { length: Math.min(Number(count) || 0, channels.length / 2) },
      (_, index) => ({
        code: channels[2 * index]!.trim(),
        unit: channels[2 * index + 1]!.trim(),
      }),
    );
  }

  /** The status word of the header, with the time from which on it holds. */
  status(): Register {
    const value = (this.header.more[0] ?? '').trim();
    return { label: `${this.header.address} status`, value, ...this.timeOf(0) };
  }

  /** The values of one row; empty where it does not fit the header. */
  row({ first, more }: DataSet): readonly Register[] {
    const groups = [first, ...more];
    if (groups.length !== this.channels.length) return [];
    const time = this.timeOf(this.rows);
    this.rows += 1;
    return this.channels.map(({ code, unit }, index) => {
      const { number, text } = readValue(groups[index]!);
      const label = `${this.header.address} ${code}`;
      return { label, value: number ?? text, ...(unit === '' ? {} : { unit }), ...time };
    });
  }

  private timeOf(row: number): { at?: string } {
    if (this.startsAt === null) return {};
    return { at: row === 0 ? this.startsAt : laterBy(this.startsAt, row * this.periodMinutes) };
  }
}
