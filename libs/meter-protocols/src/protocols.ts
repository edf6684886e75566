import { dlms } from './dlms/dlms.protocol.js';
import { dsmr } from './dsmr/dsmr.protocol.js';
import { iec62056 } from './iec62056-21/iec62056-21.protocol.js';
import { json } from './json/json.protocol.js';
import { mbus } from './mbus/mbus.protocol.js';
import type { MeterProtocol } from './meter-protocol.js';
import { modbus } from './modbus/modbus.protocol.js';
import { pulse } from './pulse/pulse.protocol.js';
import { sml } from './sml/sml.protocol.js';
import { tic } from './tic/tic.protocol.js';
import { textLine } from './text-line/text-line.protocol.js';

/** Every protocol there is, by an explicit line: nothing registers itself. */
export const protocols: readonly MeterProtocol[] = [
  dsmr,
  dlms,
  sml,
  iec62056,
  tic,
  mbus,
  modbus,
  pulse,
  textLine,
  json,
];

export const protocolNamed = (name: string): MeterProtocol | undefined =>
  protocols.find((protocol) => protocol.name === name);
