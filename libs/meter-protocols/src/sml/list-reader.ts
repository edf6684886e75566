import type { Register, Telegram } from '@wattbus/energy-model';
import {
  exportStatusBit,
  signlessBytesMax,
  signRuleOf,
  tellsDirectionInStatus,
  type SignRule,
} from './meter-models.js';
import { OctetTexts } from './octet-texts.js';
import { readServerId, type ServerId } from './server-id.js';
import { readTime, type SmlTime } from './sml-time.js';
import { absentField, tlvKind, type TlvReader } from './tlv-reader.js';
import { unitName } from '../framing/physical-units.js';
import { scaled } from './scaled.js';

/** What a list of values says, before it is known whether a checksum covered it. */
export type ListContent = Pick<Telegram, 'meter' | 'at' | 'registers' | 'warnings'>;

const listMembers = 7;
/** A scaler is an Integer8 (§7.4.2); a wider one would make values infinite. */
const scalerMax = 128;
const entryMembers = 7;
const noUnit = 255;
const none: readonly string[] = [];
const notReadable = 'an entry of the list cannot be read; the rest was left out';
const lockedByPin =
  'the meter is locked: it states whole kWh and no power until its PIN is entered at the display';

/** A locked meter rounds its energy to kWh: scaler 3 of Wh. */
const lockedScalerMin = 3;
const importObis = '1-0:1.8.0';
const exportObis = '1-0:2.8.0';
const netPowers = new Set(['1-0:16.7.0', '1-0:15.7.0']);
const manufacturerNames = new Set(['129-129:199.130.3', '1-0:96.50.1*1']);

/** Groups C and D (IEC 62056-61): momentary active power of the sum and of each phase. */
const momentary = 7;
const isNetPower = (c: number): boolean => c === 16 || c === 36 || c === 56 || c === 76;

/** Reads SML_GetList.Res (SML 1.04, §7.4.2) from a reader that stands at its beginning. */
export class ListReader {
  private readonly tlv: TlvReader;
  private readonly texts = new OctetTexts();
  private serverText = '';
  private server: ServerId = { meter: {}, serial: null };
  private signRule: SignRule = 'none';
  private registers: Register[] = [];
  private powerStated = false;
  private energyCoarse = false;
  private directionStatus = 0;
  /** Index of each register that may lack its sign, and the raw value that it would have then. */
  private signless: { index: number; value: number }[] = [];

  constructor(tlv: TlvReader) {
    this.tlv = tlv;
  }

  /** The content, or null where not even one entry can be read. */
  read(): ListContent | null {
    const { tlv } = this;
    const members = tlv.list();
    if (members < listMembers - 2) {
      tlv.fail('malformed');
      return null;
    }
    tlv.skip(1);
    tlv.next();
    if (tlv.kind !== tlvKind.octets) {
      tlv.fail('malformed');
      return null;
    }
    this.identify(this.texts.text(tlv.bytes, tlv.start, tlv.size));
    tlv.skip(1);
    const at = readTime(tlv);
    this.begin();
    for (let left = tlv.list(); left > 0 && tlv.state === 'whole'; left -= 1) this.readEntry();
    const readable = tlv.state === 'whole';
    tlv.skip(members - 5);
    if (this.registers.length === 0) return null;
    return this.finish(typeof at === 'string' ? at : null, readable);
  }

  private identify(text: string): void {
    if (text === this.serverText) return;
    this.serverText = text;
    this.server = readServerId(text);
    this.signRule = signRuleOf(this.server);
  }

  private begin(): void {
    this.registers = [];
    this.powerStated = false;
    this.energyCoarse = false;
    this.directionStatus = 0;
    if (this.signless.length > 0) this.signless = [];
  }

  /** SML_ListEntry: name, status, time, unit, scaler, value, signature. */
  private readEntry(): void {
    const { tlv } = this;
    const members = tlv.list();
    if (members !== entryMembers) return tlv.skip(members);
    tlv.next();
    if (tlv.size !== 6 || tlv.kind !== tlvKind.octets) return tlv.skip(entryMembers - 1);
    const obis = this.texts.obis(tlv.bytes, tlv.start);
    const c = tlv.bytes[tlv.start + 2]!;
    const d = tlv.bytes[tlv.start + 3]!;
    const status = tlv.number(0);
    if (status !== 0 && this.directionStatus === 0 && d === 8 && (c === 1 || c === 2)) {
      this.directionStatus = status;
    }
    const time = tlv.bytes[tlv.at] === absentField ? this.absent() : readTime(tlv);
    const unit = unitName(tlv.number(noUnit));
    const scaler = tlv.number(0);
    const value = this.readValue(scaler);
    if (tlv.state !== 'whole') return;
    if (d === momentary) {
      this.powerStated ||= c === 16 || c === 15;
      if (typeof value === 'number' && value < 0) this.noteSign(c, scaler);
    }
    this.energyCoarse ||= scaler >= lockedScalerMin && obis === importObis;
    tlv.skip(1);
    if (value === null || tlv.state !== 'whole') return;
    if (typeof time === 'string') this.registers.push({ obis, value, unit, at: time });
    else if (unit === undefined) this.registers.push({ obis, value });
    else this.registers.push({ obis, value, unit });
  }

  private absent(): null {
    this.tlv.at += 1;
    return null;
  }

  /** SML_Value (§7.4.2): text, number, truth or a time; other lists have no value here. */
  private readValue(scaler: number): SmlTime {
    const { tlv } = this;
    tlv.next();
    if (tlv.isNumber()) {
      return Math.abs(scaler) <= scalerMax ? scaled(tlv.numberHere(), scaler) : null;
    }
    if (tlv.kind === tlvKind.boolean) return tlv.bytes[tlv.start] === 0 ? 0 : 1;
    if (tlv.kind !== tlvKind.list) return this.texts.text(tlv.bytes, tlv.start, tlv.size);
    if (tlv.size !== 2) {
      tlv.skip(tlv.size);
      return null;
    }
    if (tlv.number(0) === 1) return readTime(tlv);
    tlv.skip(1);
    return null;
  }

  /** Keeps what the negative number just read would be without a sign. */
  private noteSign(c: number, scaler: number): void {
    const { tlv } = this;
    if (this.signRule === 'none' || !isNetPower(c) || tlv.size > signlessBytesMax) return;
    const value = scaled(tlv.numberHere() + 2 ** (8 * tlv.size), scaler);
    this.signless.push({ index: this.registers.length, value });
  }

  private finish(at: string | null, readable: boolean): ListContent {
    const manufacturer = this.server.meter.manufacturer ?? this.statedManufacturer();
    if ((this.directionStatus & exportStatusBit) !== 0 && tellsDirectionInStatus(manufacturer)) {
      this.exportPower();
    }
    if (this.signless.length > 0) this.dropSigns();
    const { meter } = this.server;
    return {
      meter: meter.manufacturer === manufacturer ? meter : { ...meter, manufacturer },
      at,
      registers: this.registers,
      warnings: this.warnings(readable),
    };
  }

  private statedManufacturer(): string | undefined {
    const stated = this.registers.find(({ obis }) => manufacturerNames.has(obis!))?.value;
    return typeof stated === 'string' && /^[A-Z]{3}$/.test(stated) ? stated : undefined;
  }

  private exportPower(): void {
    for (const [index, register] of this.registers.entries()) {
      const { obis, value } = register;
      if (!netPowers.has(obis!) || typeof value !== 'number' || value <= 0) continue;
      this.registers[index] = { ...register, value: -value };
    }
  }

  private dropSigns(): void {
    const twoWay = this.registers.some(({ obis }) => obis === exportObis);
    if (this.signRule === 'signless if one-way' && twoWay) return;
    for (const { index, value } of this.signless) {
      this.registers[index] = { ...this.registers[index]!, value };
    }
  }

  private warnings(readable: boolean): readonly string[] {
    const locked = this.energyCoarse && !this.powerStated;
    if (readable && !locked) return none;
    return [...(locked ? [lockedByPin] : []), ...(readable ? [] : [notReadable])];
  }
}
