import type { Telegram } from '@wattbus/energy-model';

/** A value as the source's own tests state it. */
export interface ExpectedValue {
  readonly obis?: string | null;
  readonly item?: string;
  readonly value?: string | number;
  readonly equals?: string;
  readonly apduDateTime?: string;
}

/** Captures and single values (by the end of their name) that cannot be met, and why. */
const reasons: readonly (readonly [capture: RegExp, value: RegExp, reason: string])[] = [
  [/zmf100/, /./, 'the frame check sequence is wrong, and three codes are visibly damaged'],
  [/energomera/, /./, 'the source reads the list of captured objects as values'],
  [/egd_example/, /^0\.2\.25\.9\.0/, 'the value is six octets, not a text; the source prints none'],
  [/plain_apdu_rebuilt/, /^1-0:4\.8\.0/, 'the re-encoded bytes hold 556923, not 557947'],
  [/gbt_block1/, /./, 'blocks 2 and 3 and the tag are missing; a part must not be believed'],
  [/aidon_(no_list_1|se_list)/, /meter_manufacturer/, 'nothing in these lists names a maker'],
];

/** Assertions about a parser's own objects, which say nothing of the meter's values. */
export const isAboutParser = ({ item = '' }: ExpectedValue) =>
  /^len\(|^parsed|^(rtc|date_time)\.|^result.*(typeName|propertyName|numberValue|asString)/.test(
    item,
  );

export const reasonFor = (capture: string, value: string) =>
  reasons.find(([captures_, values]) => captures_.test(capture) && values.test(value))?.[2];

/**
 * Sources that print a meter's raw numbers where its list has no scalers, by the OBIS groups C
 * and D: what one unit of them is.
 */
const rawUnits: readonly (readonly [capture: RegExp, group: RegExp, factor: number])[] = [
  [/kamstrup/, /^\d+\.8\./, 10],
  [/kamstrup/, /^[357]1\.7\./, 0.01],
  [/kamstrup/, /^[1357]3\.7\./, 0.01],
  [/kaifa_se_list/, /^[357]1\.7\./, 0.001],
  [/kaifa_se_list/, /^[357]2\.7\./, 0.1],
  [/sagemcom_t210d/, /^[357]1\.7\./, 0.01],
  [/sagemcom_t210d/, /^[357]2\.7\./, 0.1],
  [/sagemcom_t210d/, /^13\.7\./, 0.001],
];

const phases = ['l1', 'l2', 'l3'];
/** Names that one source gives to the values it decodes. */
const decodedNames = new Map<string, string>([
  ['list_ver_id', '0.2.129'],
  ['active_power_import', '1.7.0'],
  ['active_power_export', '2.7.0'],
  ['reactive_power_import', '3.7.0'],
  ['reactive_power_export', '4.7.0'],
  ['active_power_import_total', '1.8.0'],
  ['active_power_export_total', '2.8.0'],
  ['reactive_power_import_total', '3.8.0'],
  ['reactive_power_export_total', '4.8.0'],
  ...phases.flatMap((phase, index): [string, string][] => [
    [`current_${phase}`, `${31 + 20 * index}.7.0`],
    [`voltage_${phase}`, `${32 + 20 * index}.7.0`],
    [`active_power_import_${phase}`, `${21 + 20 * index}.7.0`],
    [`active_power_export_${phase}`, `${22 + 20 * index}.7.0`],
    [`reactive_power_import_${phase}`, `${23 + 20 * index}.7.0`],
    [`reactive_power_export_${phase}`, `${24 + 20 * index}.7.0`],
  ]),
]);

/** `1.1.31.7.0.255`, `1-0:31.7.0` and `31.7.0 raw` to the register with that end. */
function registerNamed(telegram: Telegram, name: string): string | number | undefined {
  const groups = name.match(/\d+/g)!;
  const [a, b, c, d, e] = groups;
  const obis = `${a}-${b}:${c}.${d}.${e}`;
  if (/^0\.0\.0\.0\.0\.0/.test(name)) return undefined;
  return telegram.registers.find((register) => register.obis === obis)?.value;
}

const registerEnding = (telegram: Telegram, end: string) =>
  telegram.registers.find(({ obis }) => obis?.endsWith(`:${end}`))?.value;

/** `datetime(2022, 1, 17, 12, 44, 40)` and `2022-01-17 12:44:40` as local ISO time. */
function localTime(text: string): string {
  const [year, month, day, hour = 0, minute = 0, second = 0] = text.match(/\d+/g)!.map(Number);
  const two = (value: number | undefined) => String(value).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

/** What the capture's source states, beside what the decoder gave, for one comparison. */
export function compared(
  capture: string,
  telegram: Telegram,
  expected: ExpectedValue,
): { readonly stated: unknown; readonly given: unknown } {
  const at = telegram.at?.slice(0, 19);
  const item = expected.item ?? '';
  const stated = String(expected.value ?? expected.equals ?? '').replace(/^'|'$/g, '');
  if (expected.apduDateTime !== undefined) {
    return expected.apduDateTime === '0'
      ? { stated: null, given: null }
      : { stated: localTime(expected.apduDateTime), given: at };
  }
  if (item.endsWith('epoch')) return { stated: Number(stated), given: Date.parse(telegram.at!) };
  const decoded = /^decoded\['(.*)'\]$/.exec(item)?.[1];
  if (decoded === 'meter_id') return { stated, given: telegram.meter.id };
  if (decoded === 'meter_type') return { stated, given: telegram.meter.model };
  if (decoded === 'meter_manufacturer') return { stated, given: telegram.meter.manufacturer };
  if (decoded === 'meter_datetime') return { stated: localTime(stated), given: at };
  if (decoded !== undefined) {
    const given = registerEnding(telegram, decodedNames.get(decoded) ?? decoded);
    return { stated: typeof given === 'number' ? Number(stated) : stated, given };
  }
  const name = expected.obis ?? item;
  if (/^\d{4}-\d\d-\d\d[ T]/.test(stated)) return { stated: localTime(stated), given: at };
  const given =
    expected.obis === null || name.startsWith('0.0.0.0.0.0')
      ? registerEnding(telegram, '0.2.129')
      : registerNamed(telegram, name);
  if (typeof given !== 'number') return { stated, given };
  const group = name.replace(/^\d+[-.]\d+[:.]/, '');
  const factor = rawUnits.find(([c, g]) => c.test(capture) && g.test(group))?.[2] ?? 1;
  return { stated: Number(stated.split(' ')[0]) * factor, given };
}
