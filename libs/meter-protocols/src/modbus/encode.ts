import type { Measured, QuantityName } from '@wattbus/energy-model';
import { isInside, type Block } from './blocks.js';
import {
  exceptionPdu,
  replyPdu,
  requestPdu,
  rtuFrame,
  tcpFrame,
  type ModbusAddress,
} from './frames.js';
import type { MapRegister, RegisterMap } from './register-map.js';
import { writeWords } from './words.js';

/** What a meter keeps: by the name of the register, in its unit. */
export type RegisterValues = Readonly<Record<string, number>>;

/** The data of a reply; words that are no register, or have no value, are zero. */
export function encodeBlock(map: RegisterMap, block: Block, values: RegisterValues): Uint8Array {
  const data = new Uint8Array(2 * block.words);
  for (const register of map.registers) {
    const value = values[register.name];
    if (value === undefined || !isInside(register, block)) continue;
    data.set(writeWords(value, register), 2 * (register.address - block.start));
  }
  return data;
}

/** A frame of `framing`; the transaction counts on Modbus TCP only. */
const framed = (address: ModbusAddress, pdu: Uint8Array, transaction: number): Uint8Array =>
  address.framing === 'tcp'
    ? tcpFrame(transaction, address.unit, pdu)
    : rtuFrame(address.unit, pdu);

/** What a master asks. */
export const encodeModbusRequest = (
  address: ModbusAddress,
  block: Block,
  transaction = 0,
): Uint8Array => framed(address, requestPdu(block), transaction);

/** What a meter answers: the data of the block, or why it has none. */
export const encodeModbusReply = (
  address: ModbusAddress,
  block: Block,
  answer: Uint8Array | { readonly exception: number },
  transaction = 0,
): Uint8Array =>
  framed(
    address,
    'exception' in answer
      ? exceptionPdu(block.function, answer.exception)
      : replyPdu(block.function, answer),
    transaction,
  );

const quantityOfObis: Readonly<Record<string, QuantityName>> = {
  '1-0:16.7.0': 'powerW',
  '1-0:36.7.0': 'powerL1W',
  '1-0:56.7.0': 'powerL2W',
  '1-0:76.7.0': 'powerL3W',
  '1-0:32.7.0': 'voltageL1V',
  '1-0:52.7.0': 'voltageL2V',
  '1-0:72.7.0': 'voltageL3V',
  '1-0:31.7.0': 'currentL1A',
  '1-0:51.7.0': 'currentL2A',
  '1-0:71.7.0': 'currentL3A',
  '1-0:14.7.0': 'frequencyHz',
  '1-0:1.8.0': 'energyImportWh',
  '1-0:2.8.0': 'energyExportWh',
};
const thousands = ['kW', 'kWh'];

/** The registers of a map for what is measured, in their units. */
export function registerValuesOf(map: RegisterMap, measured: Measured): RegisterValues {
  return Object.fromEntries(
    map.registers.flatMap((register) => {
      const quantity = quantityOf(register);
      const value = quantity === undefined ? undefined : measured[quantity];
      if (value === undefined) return [];
      return [[register.name, thousands.includes(register.unit ?? '') ? value / 1000 : value]];
    }),
  );
}

const quantityOf = ({ quantity, obis }: MapRegister): QuantityName | undefined =>
  quantity ?? (obis === undefined ? undefined : quantityOfObis[obis]);
