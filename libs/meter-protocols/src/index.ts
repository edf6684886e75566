export * from './dsmr/encode.js';
export * from './dsmr/encode-encrypted.js';
export type { P1Variant } from './dsmr/encode-rows.js';
export { metersMarkdown } from './documents.js';
export { crc16Arc, crc16Kermit, crc16X25 } from './framing/crc16.js';
export * from './measurements.js';
export * from './meter-protocol.js';
export * from './protocols.js';
export { readLinePattern } from './text-line/pattern.js';
export {
  encodeReadOut,
  registerLine,
  type ReadOutDescription,
  type ReadOutLine,
} from './iec62056-21/encode.js';
export { readOutLinesOf } from './iec62056-21/measured-lines.js';
export { encodeCiphered } from './dlms/ciphering.js';
export {
  encodeAidonPush,
  encodeAustrianPush,
  encodeBlockPush,
  encodeHdlcPush,
  encodeMbusPush,
} from './dlms/encode.js';
export { encodeSml, type SmlEntry, type SmlTelegram, type SmlTimeForm } from './sml/encode.js';
export { smlEntriesOf } from './sml/measured-entries.js';
export { encodeTic, ticGroupsOf, type TicFrame, type TicGroup } from './tic/encode.js';
export { encodeMbus, mbusRecordsOf, type MbusRecord, type MbusTelegram } from './mbus/encode.js';
export { readBusAddress } from './mbus/link.js';
export { describeHeard, describeMap, describeSettings, type Detected } from './detect/detected.js';
export { Detector, detectMsMax, type DetectorOutput } from './detect/detector.js';
export type { Heard } from './detect/speech.js';
export { blocksOf, type Block } from './modbus/blocks.js';
export {
  encodeBlock,
  encodeModbusReply,
  encodeModbusRequest,
  registerValuesOf,
  type RegisterValues,
} from './modbus/encode.js';
export { readModbusAddress, readRequestPdu, type ModbusAddress } from './modbus/frames.js';
export {
  parseRegisterMap,
  registerMapFrom,
  RegisterMapFile,
  type MapRegister,
  type RegisterMap,
} from './modbus/register-map.js';
export { registerMapOf, registerMaps } from './modbus/register-maps.js';
export { encodeJsonLine } from './json/encode.js';
export { readJsonFields } from './json/fields.js';
export { encodePulses } from './pulse/encode.js';
export { PulseCounter, pulsesAtStart } from './pulse/pulse-counter.js';
export { pulseReader, pulsesIn } from './pulse/pulse-decoder.js';
export {
  isControlLine,
  pulseInputs,
  pulsePollMs,
  s0LengthMsMin,
  type ControlLine,
  type PulseOptions,
} from './pulse/pulse-options.js';
export { pulseTelegram } from './pulse/pulse-telegram.js';
export type { BenchMeterKind } from './detect/bench-meter-kind.js';
export { benchMeters } from './detect/bench-meters.js';
export {
  BenchWire,
  chanceOf,
  LATENCY_MS,
  pushing,
  runBench,
  type BenchMeter,
  type Burst,
} from './detect/serial-bench.js';
export type { MqttMeterKind } from './mqtt-meters/mqtt-meter.js';
export { mqttMeterKindNamed, mqttMeterKinds } from './mqtt-meters/mqtt-meters.js';
export {
  mqttFieldFaults,
  MqttMeterReader,
  type MqttMessage,
  type MqttMeterOptions,
} from './mqtt-meters/mqtt-reader.js';
