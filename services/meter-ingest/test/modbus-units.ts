import {
  encodeBlock,
  encodeModbusReply,
  readRequestPdu,
  registerMapOf,
  registerValuesOf,
} from '@wattbus/meter-protocols';

export const unitsMap = 'sdm120';
const map = registerMapOf({ registerMap: unitsMap });

/** The answer of the unit that is asked, whose power is a hundred times its number; null of no other. */
export function answerOfUnit(
  request: Uint8Array,
  isPresent: (unit: number) => boolean,
): Uint8Array | null {
  const unit = request[0]!;
  const pdu = readRequestPdu(request.subarray(1, 6));
  if (!isPresent(unit) || pdu?.kind !== 'request') return null;
  const values = registerValuesOf(map, { powerW: unit * 100, energyImportWh: unit * 1_000 });
  const block = encodeBlock(map, pdu.block, values);
  return encodeModbusReply({ framing: 'rtu', unit }, pdu.block, block);
}
