import type { MeterProtocol, SerialSettings } from '../meter-protocol.js';
import { MbusConversation } from './conversation.js';
import { MbusDecoder } from './mbus-decoder.js';

const at = (baudRate: number): SerialSettings => ({
  baudRate,
  dataBits: 8,
  parity: 'even',
  stopBits: 1,
});

export const mbus: MeterProtocol = {
  name: 'mbus',
  title: 'Wired M-Bus (EN 13757-2 and -3): heat, water, gas and electricity meters',
  intervalS: 300,
  serialSettings: [at(2400), at(300), at(9600)],
  decoder: () => new MbusDecoder(),
  conversation: (options) => new MbusConversation(options),
  meters: [
    {
      country: 'Europe',
      meter: 'Heat: Kamstrup Multical, Landis+Gyr Ultraheat, Sensus PolluCom, Itron CF, Engelmann',
      cable: 'M-Bus master (level converter) on USB, 2400 8E1; primary or secondary address',
      gives: 'heat, volume, flow, power, flow and return temperature, history',
    },
    {
      country: 'Europe',
      meter: 'Water and gas: Itron Cyble, Elster Falcon, GWF, Sensus, Relay PadPuls',
      cable: 'M-Bus master on USB, 2400 8E1',
      gives: 'volume, flow, history',
    },
    {
      country: 'Europe',
      meter: 'Electricity: ABB, EMU Professional, Finder 7E, Saia-Burgess ALE3, NZR, EMH',
      cable: 'M-Bus master on USB, 2400 8E1',
      gives: 'tariffs, power, voltage and current by phase',
    },
  ],
};
