import { Buffer } from 'node:buffer';
import type { Register, Telegram } from '@wattbus/energy-model';

/** One thing that a capture's source states, beside what `decode` printed of it. */
export interface Claim {
  readonly about: string;
  readonly expected: string;
  readonly found: string;
  readonly agrees: boolean;
}

/** A frame of the corpus as its source describes it. */
export interface StatedFrame {
  readonly file: string;
  readonly expect?: string;
  readonly key?: string;
  readonly authKey?: string;
  readonly values?: readonly Stated[];
  readonly expected?: unknown;
}

interface Stated {
  readonly [name: string]: string | number | null | undefined;
}

export type Printed = Pick<Telegram, 'protocol' | 'meter' | 'at' | 'registers' | 'warnings'>;

type ClaimsOf = (source: string, frame: StatedFrame, printed: readonly Printed[]) => Claim[];

const isClose = (found: unknown, expected: number): boolean =>
  typeof found === 'number' && Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected));

function claim(about: string, expected: unknown, found: unknown, agrees?: boolean): Claim {
  const same = String(expected) === String(found) || isClose(found, Number(expected));
  return {
    about,
    expected: String(expected),
    found: JSON.stringify(found) ?? '',
    agrees: agrees ?? same,
  };
}

/** Sources leave out groups in their own ways: `9.20`, `6-0:6.8`, `1-0:97.97`. */
const bareCode = (code: string): string =>
  code
    .replace(/^(?:\d+|0xff)-(?:\d+|0xff):/, '')
    .replace(/\*255$/, '')
    .replace(/\.0$/, '');

const hasCode =
  (code: string) =>
  ({ obis = '', label = '' }: Register): boolean =>
    bareCode(obis) === bareCode(code) || bareCode(label) === bareCode(code);

/** `EXPECT_EQ(1.2963, value)` and `EXPECT_TRUE(Obis(1, 0, 1, 8, 0, 255) == …)` in pairs. */
function pairsOfAsserts(frame: StatedFrame): Stated[] {
  const asserts = (frame.values ?? []).map((stated) => String(stated['assert'] ?? ''));
  return asserts.flatMap((text, index) => {
    const value = /^EXPECT_EQ\((-?[\d.]+), value\)/.exec(text)?.[1];
    const groups = /Obis\((?:"([^"]+)"|([^)]+))\)/.exec(asserts[index + 1] ?? '');
    if (value === undefined || !groups) return [];
    const numbers = (groups[2] ?? '').split(', ').map(Number);
    const code =
      groups[1] ??
      numbers
        .slice(2, 5)
        .join('.')
        .replace(/\.255$/, '');
    return [{ obis: code.replace(/^C\./, '96.'), value }];
  });
}

const readOut: ClaimsOf = (_source, frame, printed) => {
  const snapshot = frame.expected as readonly { obis_values: readonly Stated[] }[] | undefined;
  const rows = [
    ...(frame.values ?? []).filter(({ obis }) => obis),
    ...pairsOfAsserts(frame),
    ...(snapshot?.[0]?.obis_values ?? [])
      .filter(({ key }) => key !== 'identifier')
      .map(({ key, value, unit }) => ({ obis: key, value, unit })),
  ] as Stated[];
  const registers = printed.flatMap((telegram) => telegram.registers);
  return rows
    .filter(({ value }) => value !== undefined)
    .map(({ obis, value, unit }) => {
      const found = registers.filter(hasCode(String(obis)));
      const agrees = found.some(
        (one) =>
          (one.value === value || Number(one.value) === Number(value)) &&
          (unit === undefined || unit === null || unit === one.unit),
      );
      const given = found.map((one) => [one.value, one.unit]);
      return claim(`${frame.file} ${obis}`, `${value} ${unit ?? ''}`, given, agrees);
    });
};

interface MbusFrame {
  readonly slave: Stated;
  readonly records: readonly Readonly<Record<string, string | undefined>>[];
}

/** The source writes `m^3`, a doubly encoded degree sign, and `-` for no unit. */
const mbusUnit = (unit = ''): string =>
  unit
    .replace('^', '')
    .replace('Â', '')
    .replace(/^-$|Units.*|Reserved/, '');

const mbus: ClaimsOf = (_source, frame, [telegram]) => {
  const { slave, records } = frame.expected as MbusFrame;
  const { meter, registers } = telegram!;
  return [
    claim(`${frame.file} id`, parseInt(String(slave['Id']), 16), parseInt(meter.id ?? '', 16)),
    claim(`${frame.file} maker`, slave['Manufacturer'] ?? undefined, meter.manufacturer),
    claim(`${frame.file} records`, records.length, registers.length),
    ...records.map((record, index) => {
      const { value, unit = '', label = '' } = registers[index] ?? { value: '' };
      const stated = (record['Value'] ?? '').replace(/(T.*)Z$/, '$1');
      const right = typeof value === 'string' ? value === stated : isClose(value, Number(stated));
      const agrees =
        right && unit === mbusUnit(record['Unit']) && label.startsWith(record['Quantity'] ?? '');
      return claim(`${frame.file} ${index}`, JSON.stringify(record), registers[index], agrees);
    }),
  ];
};

/** Sources state raw values with their scaler, scaled ones, or kWh. */
const sml: ClaimsOf = (_source, frame, printed) =>
  printed.flatMap(({ registers }) =>
    (frame.values ?? []).map(({ obis, value, unit, scaler, raw }) => {
      const code = String(obis).replace(/\*255$/, '');
      const register = registers.find((one) => one.obis === code);
      const exponent = unit === 'kWh' ? 3 : raw === undefined ? (scaler ?? 0) : 0;
      const number = Number(`${value}e${exponent}`);
      const stated = typeof register?.value === 'string' ? value : number;
      return claim(`${frame.file} ${code}`, stated, register?.value);
    }),
  );

const tic: ClaimsOf = (_source, frame, [telegram]) =>
  Object.entries(frame.expected as Stated).map(([label, text]) => {
    const value = telegram!.registers.find((one) => one.label === label)?.value;
    const id = label === 'ADCO' || label === 'ADSC' ? telegram!.meter.id : text;
    return claim(
      `${frame.file} ${label}`,
      text,
      value,
      claim('', text, value).agrees && id === text,
    );
  });

const modbus: ClaimsOf = (_source, frame, printed) => {
  const numbers = printed.flatMap(({ registers }) => registers.map(({ value }) => value));
  const floats = frame.file.startsWith('rtu_over_tcp')
    ? numbers.filter((value) => value !== 0)
    : numbers;
  return (frame.values ?? []).map(({ rawFloat, value }, index) => {
    const exact = rawFloat ? Buffer.from(String(rawFloat), 'hex').readFloatBE() : Number(value);
    return claim(`${frame.file} ${index}`, exact, floats[index]);
  });
};

/** The source says how the deciphered text begins and ends. */
const enciphered: ClaimsOf = (_source, frame, [telegram]) => {
  const { startsWith, endsWith } = frame.expected as Readonly<Record<string, string>>;
  const [, code, value, unit] = /^(.*)\((.*)\*(.*)\)/.exec(endsWith!)!;
  const register = telegram!.registers.find(({ obis }) => obis === code);
  return [
    claim(`${frame.file} maker`, startsWith!.slice(1, 4), telegram!.meter.manufacturer),
    claim(`${frame.file} model`, startsWith!.slice(7).trim(), telegram!.meter.model),
    claim(`${frame.file} ${code}`, Number(value), register?.value),
    claim(`${frame.file} ${code} unit`, unit, register?.unit),
  ];
};

const claimsFolder = new URL('../../../libs/meter-protocols/test/', import.meta.url);

/** What the sources' own words mean is read in one place, which is not part of any package. */
const shared = <Module>(name: string): Promise<Module> =>
  import(new URL(name, claimsFolder).pathname) as Promise<Module>;

interface DsmrClaims {
  readonly claimOf: (source: string, stated: Stated, telegram: Printed) => Claim | null;
}

interface DlmsClaims {
  readonly isAboutParser: (stated: Stated) => boolean;
  readonly reasonFor: (capture: string, value: string) => string | undefined;
  readonly compared: (
    capture: string,
    telegram: Printed,
    stated: Stated,
  ) => { readonly stated: unknown; readonly given: unknown };
}

/** How to read the claims of the sources in each folder of the corpus. */
export async function readersOfClaims(): Promise<Readonly<Record<string, ClaimsOf>>> {
  const { claimOf } = await shared<DsmrClaims>('corpus-dsmr-claims.ts');
  const { compared, isAboutParser, reasonFor } = await shared<DlmsClaims>('corpus-dlms-claims.ts');
  const dsmr: ClaimsOf = (source, frame, [telegram]) =>
    (frame.values ?? []).flatMap((stated) => {
      // Whether the checksum was right is not printed: where it was not, there is only a fault.
      if (stated['item'] === 'isValidCRC()') return [];
      const found = claimOf(source, stated, telegram!);
      return found ? [{ ...found, about: `${frame.file} ${found.about}` }] : [];
    });
  const dlms: ClaimsOf = (source, frame, [telegram]) =>
    (frame.values ?? []).flatMap((one) => {
      const name = `${source}/${frame.file}`;
      if (isAboutParser(one) || reasonFor(name, String(one['obis'] ?? one['item'] ?? '')))
        return [];
      const { stated, given } = compared(name, telegram!, one);
      return [claim(`${frame.file} ${JSON.stringify(one)}`, stated, given)];
    });
  return {
    'd0-iec62056-21': readOut,
    dlms,
    'dsmr-p1': dsmr,
    'dsmr-p1-encrypted': enciphered,
    'linky-tic': tic,
    mbus,
    'modbus-rtu': modbus,
    sml,
  };
}
