import type { DataItem } from './data-types.js';
import { dataTag } from './data-types.js';
import type { ObisCode } from './obis-code.js';
import { obisCodeAt } from './obis-code.js';
import { isObis } from './octets.js';
import { matchPositionalList } from './positional-lists.js';

/** A value of a list with what the list says about it. */
export interface Entry {
  /** The six groups, where the list (or its position in a known list) gives them. */
  readonly code: ObisCode | null;
  readonly item: DataItem;
  /** Power of ten, and unit code, if the list states them. */
  scaler: number | null;
  unit: number | null;
}

export interface Entries {
  readonly entries: readonly Entry[];
  /** Known from the shape of a list without OBIS codes. */
  readonly manufacturer?: string | undefined;
  /** The meter's number is in another list. */
  readonly isNumberless?: boolean | undefined;
  /** Values of a list without OBIS codes that no known list explains. */
  readonly isUnknownList: boolean;
}

/** COSEM classes (IEC 62056-6-2) whose attributes need care. */
const classId = { register: 3, extendedRegister: 4, pushSetup: 40 } as const;
const scalerUnitAttribute = 3;
const logicalNameAttribute = 1;

/** Takes a notification's body apart, whichever way its meter arranges the values. */
export function collectEntries(bytes: Uint8Array, body: DataItem): Entries {
  const items = isGroup(body) ? body.items : [body];
  const described = collectDescribed(bytes, items);
  if (described) return { entries: described, isUnknownList: false };
  const positional = collectPositional(bytes, items);
  if (positional) return positional;
  const entries: Entry[] = [];
  walk(bytes, items, entries);
  const isUnknownList = !entries.some((entry) => entry.code !== null) && entries.length > 0;
  return { entries, isUnknownList };
}

const isGroup = (item: DataItem) => item.tag === dataTag.structure || item.tag === dataTag.array;

const isNumber = (item: DataItem | undefined) => item !== undefined && !Number.isNaN(item.number);

/**
 * A list that describes itself: first the array of capture objects (class, OBIS, attribute, data
 * index), whose first entry often stands for that array, then the values in that order.
 */
function collectDescribed(bytes: Uint8Array, items: readonly DataItem[]): Entry[] | null {
  const objects = items[0];
  if (objects?.tag !== dataTag.array || objects.items.length === 0) return null;
  if (!objects.items.every((object) => isCaptureObject(bytes, object))) return null;
  const count = objects.items.length;
  const second = items[1];
  const values =
    items.length === count
      ? items
      : items.length === count + 1
        ? items.slice(1)
        : items.length === 2 && second?.items.length === count
          ? second.items
          : null;
  if (!values) return null;
  const entries: Entry[] = [];
  const scalers: { text: string; item: DataItem }[] = [];
  objects.items.forEach(({ items: [objectClass, name, attribute] }, index) => {
    const item = values[index]!;
    const code = obisCodeAt(bytes, name!.start);
    if (objectClass!.number === classId.pushSetup || attribute!.number === logicalNameAttribute) {
      return;
    }
    const isRegister =
      objectClass!.number === classId.register || objectClass!.number === classId.extendedRegister;
    if (isRegister && attribute!.number === scalerUnitAttribute && isScalerUnit(item)) {
      scalers.push({ text: code.text, item });
    } else addValue(bytes, code, item, entries);
  });
  for (const { text, item } of scalers) {
    for (const entry of entries) if (entry.code?.text === text) applyScalerUnit(entry, item);
  }
  return entries;
}

function isCaptureObject(bytes: Uint8Array, { tag, items }: DataItem): boolean {
  const [objectClass, name, attribute] = items;
  return (
    tag === dataTag.structure &&
    items.length >= 3 &&
    objectClass?.tag === dataTag.longUnsigned &&
    isObis(bytes, name!) &&
    isNumber(attribute)
  );
}

function collectPositional(bytes: Uint8Array, members: readonly DataItem[]): Entries | null {
  const items = members.map(thresholdOf);
  // Two codes or a nested structure mean that the list names its values.
  let named = 0;
  for (const item of items) {
    if (isGroup(item)) return null;
    if (isObis(bytes, item)) named += 1;
    if (named > 1) return null;
  }
  const match = matchPositionalList(bytes, items);
  if (!match) return null;
  const entries: Entry[] = items.map((item, index) => ({
    code: match.codes[index] ?? null,
    item,
    scaler: null,
    unit: null,
  }));
  const { manufacturer, isNumberless } = match;
  return { entries, manufacturer, isNumberless, isUnknownList: false };
}

/** The thresholds of a register monitor are an array, in which a meter's fuse has one number. */
function thresholdOf(item: DataItem): DataItem {
  const [only] = item.items;
  const isThreshold = item.tag === dataTag.array && item.items.length === 1 && isNumber(only);
  return isThreshold ? only! : item;
}

/** Pairs and triples (code, value, scaler-unit), in structures of their own or flat in a row. */
function walk(bytes: Uint8Array, items: readonly DataItem[], entries: Entry[]): void {
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index]!;
    const value = items[index + 1];
    if (isObis(bytes, item) && value !== undefined) {
      index += 1;
      const added = addValue(bytes, obisCodeAt(bytes, item.start), value, entries);
      const [third, fourth] = [items[index + 1], items[index + 2]];
      if (third !== undefined && isScalerUnit(third)) {
        if (added) applyScalerUnit(added, third);
        index += 1;
      } else if (third?.tag === dataTag.integer && fourth?.tag === dataTag.enumeration) {
        if (added) [added.scaler, added.unit] = [third.number, fourth.number];
        index += 2;
      }
    } else if (isGroup(item)) walkGroup(bytes, item, entries);
    else if (item.tag !== dataTag.nullData && item.tag !== dataTag.attributeDescriptor) {
      entries.push({ code: null, item, scaler: null, unit: null });
    }
  }
}

function walkGroup(bytes: Uint8Array, group: DataItem, entries: Entry[]): void {
  if (!isCaptureObject(bytes, group)) {
    walk(bytes, group.items, entries);
    return;
  }
  // Class, OBIS code, attribute and value in one structure; a fourth member that is a number may
  // also be the data index of a description, which has no value.
  const [, name, , value, scalerUnit] = group.items;
  if (value === undefined || (group.items.length === 4 && value.tag === dataTag.longUnsigned))
    return;
  const added = addValue(bytes, obisCodeAt(bytes, name!.start), value, entries);
  if (added && scalerUnit !== undefined && isScalerUnit(scalerUnit)) {
    applyScalerUnit(added, scalerUnit);
  }
}

/** Adds a simple value; of a structure (value, scaler-unit) both; null-data adds nothing. */
function addValue(
  bytes: Uint8Array,
  code: ObisCode,
  item: DataItem,
  entries: Entry[],
): Entry | null {
  if (item.tag === dataTag.nullData) return null;
  if (!isGroup(item)) {
    const entry: Entry = { code, item, scaler: null, unit: null };
    entries.push(entry);
    return entry;
  }
  const [value, scalerUnit] = item.items;
  if (item.items.length === 2 && isNumber(value) && isScalerUnit(scalerUnit!)) {
    const entry: Entry = { code, item: value!, scaler: null, unit: null };
    applyScalerUnit(entry, scalerUnit!);
    entries.push(entry);
    return entry;
  }
  walk(bytes, item.items, entries);
  return null;
}

/** scaler-unit: structure of an integer and an enumeration. */
function isScalerUnit({ tag, items }: DataItem): boolean {
  const [scaler, unit] = items;
  return (
    tag === dataTag.structure &&
    items.length === 2 &&
    scaler?.tag === dataTag.integer &&
    (unit?.tag === dataTag.enumeration || unit?.tag === dataTag.unsigned)
  );
}

function applyScalerUnit(entry: Entry, { items }: DataItem): void {
  entry.scaler = items[0]!.number;
  entry.unit = items[1]!.number;
}
