import { dlms } from './dlms/dlms.protocol.js';
import { dsmr } from './dsmr/dsmr.protocol.js';
import type { MeterProtocol } from './meter-protocol.js';
import { textLine } from './text-line/text-line.protocol.js';

/** Every protocol there is, by an explicit line: nothing registers itself. */
export const protocols: readonly MeterProtocol[] = [dsmr, dlms, textLine];

export const protocolNamed = (name: string): MeterProtocol | undefined =>
  protocols.find((protocol) => protocol.name === name);
