import type { MeterProtocol } from './meter-protocol.js';

/** Every protocol there is, by an explicit line: nothing registers itself. */
export const protocols: readonly MeterProtocol[] = [];

export const protocolNamed = (name: string): MeterProtocol | undefined =>
  protocols.find((protocol) => protocol.name === name);
