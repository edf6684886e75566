import type { MeterProtocol, SerialSettings } from '../meter-protocol.js';
import { Iec62056Conversation } from './conversation.js';
import { Iec62056Decoder } from './iec62056-21-decoder.js';
import { knownMeters } from './known-meters.js';

const at = (baudRate: number): SerialSettings => ({
  baudRate,
  dataBits: 7,
  parity: 'even',
  stopBits: 1,
});

export const iec62056: MeterProtocol = {
  name: 'iec62056-21',
  title: 'IEC 62056-21 "D0", modes A to D (optical ports and current loops all over Europe)',
  serialSettings: [at(300), at(9600), at(2400), at(4800), at(1200), at(19200)],
  decoder: (options) => new Iec62056Decoder(options),
  conversation: (options) => new Iec62056Conversation(options),
  meters: knownMeters,
};
