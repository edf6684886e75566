import type { MeterProtocol, SerialSettings } from '../meter-protocol.js';
import { ModbusSearch } from './bus-search.js';
import { ModbusConversation } from './conversation.js';
import { ModbusDecoder } from './modbus-decoder.js';
import { registerMaps } from './register-maps.js';

const at = (
  baudRate: number,
  parity: SerialSettings['parity'],
  stopBits: 1 | 2 = 1,
): SerialSettings => ({ baudRate, dataBits: 8, parity, stopBits });

export const modbus: MeterProtocol = {
  name: 'modbus',
  title: 'Modbus RTU (RS-485) and Modbus TCP, polled by a register map',
  serialSettings: [
    at(9600, 'none'),
    at(2400, 'none'),
    at(19200, 'even'),
    at(19200, 'none'),
    at(9600, 'even'),
    at(38400, 'none'),
    at(115200, 'none'),
    at(4800, 'none'),
    at(38400, 'even'),
    at(9600, 'none', 2),
  ],
  decoder: (options) => new ModbusDecoder(options),
  conversation: (options) => new ModbusConversation(options),
  search: (options, units) => new ModbusSearch(options, units),
  meters: registerMaps.map(({ name, manufacturer, model }) => ({
    country: 'any',
    meter: `${manufacturer} ${model}`,
    cable: `RS-485 adapter on USB, or a Modbus TCP gateway; registerMap: ${name}`,
    gives: 'power, energy in both directions, voltage, current',
  })),
};
