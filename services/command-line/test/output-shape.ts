import { expect } from '@jest/globals';
import { faultCodes } from '@wattbus/energy-model';
import { protocols } from '@wattbus/meter-protocols';

type Line = Readonly<Record<string, unknown>>;

const names = protocols.map(({ name }) => name);
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const obisCode = /^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const meterKeys = ['id', 'manufacturer', 'model'];
const registerKeys = ['obis', 'label', 'value', 'unit', 'at'];

/** What is not as the page on recordings says that a line of `decode` is; empty where all is. */
export function shapeFaults(line: unknown): readonly string[] {
  if (typeof line !== 'object' || line === null) return [`no object: ${String(line)}`];
  const content = line as Line;
  const isFault = 'fault' in content;
  const keys = isFault
    ? ['protocol', 'fault', 'offset', 'detail']
    : ['protocol', 'meter', 'at', 'registers', 'warnings'];
  const faults = [
    ...unless(sameKeys(content, keys), `keys ${Object.keys(content).join(' ')}`),
    ...(isFault ? faultFaults(content) : telegramFaults(content)),
  ];
  return faults.map((fault) => `${String(content['protocol'])}: ${fault}`);
}

export function expectShape(lines: readonly object[]): void {
  const read = lines.map((line): unknown => JSON.parse(JSON.stringify(line)));
  expect(read.flatMap(shapeFaults)).toEqual([]);
}

const unless = (holds: boolean, fault: string): readonly string[] => (holds ? [] : [fault]);

const sameKeys = (line: Line, keys: readonly string[]): boolean =>
  Object.keys(line).join(' ') === keys.join(' ');

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

function faultFaults({ protocol, fault, offset, detail }: Line): readonly string[] {
  return [
    ...unless([...names, 'unknown'].includes(String(protocol)), 'the name of the protocol'),
    ...unless((faultCodes as readonly unknown[]).includes(fault), `fault ${String(fault)}`),
    ...unless(Number.isInteger(offset) && Number(offset) >= 0, `offset ${String(offset)}`),
    ...unless(isText(detail), 'no detail'),
  ];
}

function telegramFaults({ protocol, meter, at, registers, warnings }: Line): readonly string[] {
  const stated = (meter ?? {}) as Line;
  return [
    ...unless(names.includes(String(protocol)), 'the name of the protocol'),
    ...Object.entries(stated).flatMap(([key, value]) =>
      unless(meterKeys.includes(key) && isText(value), `meter.${key}`),
    ),
    ...unless(at === null || instant.test(String(at)), `at ${String(at)}`),
    ...unless(Array.isArray(registers), 'registers are no list'),
    ...unless(Array.isArray(warnings) && warnings.every(isText), 'warnings'),
    ...(registers as readonly Line[]).flatMap((register) => registerFaults(register)),
  ];
}

function registerFaults(register: Line): readonly string[] {
  const { obis, label, value, unit, at } = register;
  const faults = [
    ...unless(
      Object.keys(register).every((key) => registerKeys.includes(key)),
      'another key',
    ),
    ...unless('obis' in register || 'label' in register, 'neither obis nor label'),
    ...unless(!('obis' in register) || obisCode.test(String(obis)), 'obis'),
    ...unless(!('label' in register) || isText(label), 'label'),
    ...unless(typeof value === 'string' || Number.isFinite(value), 'value'),
    ...unless(!('unit' in register) || isText(unit), 'unit'),
    ...unless(!('at' in register) || instant.test(String(at)), 'at'),
  ];
  return faults.map((fault) => `${fault} of ${JSON.stringify(register)}`);
}
