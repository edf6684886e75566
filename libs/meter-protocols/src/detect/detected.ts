import type { Telegram } from '@wattbus/energy-model';
import type { Heard } from './speech.js';
import type { BusFound, MeterDecoder, SerialSettings } from '../meter-protocol.js';

/** What hangs on a line. */
export interface Detected {
  readonly protocol: string;
  readonly settings: SerialSettings;
  /** From 0 to 1: a telegram with a checksum gives 0.99. */
  readonly certainty: number;
  /** What the meter said; none where it encrypts and the key is missing or wrong. */
  readonly telegrams: readonly Telegram[];
  /** Of a meter that pushes: goes on behind the last byte that was heard. */
  readonly decoder: MeterDecoder | null;
  /** Of a meter on a bus that was searched for. */
  readonly bus?: Omit<BusFound, 'telegram'>;
}

/** `9600 7E1`. */
export const describeSettings = ({
  baudRate,
  dataBits,
  parity,
  stopBits,
}: SerialSettings): string => `${baudRate} ${dataBits}${parity[0]!.toUpperCase()}${stopBits}`;

/** `sdm630 (certainty 0.95)`, and which fit as well. */
export function describeMap({
  registerMap,
  certainty,
  alsoFits,
}: Omit<BusFound, 'telegram'>): string {
  if (registerMap === null) return 'none fits what it answers';
  const others = alsoFits.length === 0 ? '' : `; as well fits ${alsoFits.join(', ')}`;
  return `${registerMap} (certainty ${certainty}${others})`;
}

/** `something speaks every 10 s`. */
export const describeHeard = ({ bursts, everyS }: Heard): string =>
  everyS === null
    ? `something spoke ${bursts === 1 ? 'once' : `${bursts} times`}`
    : `something speaks every ${everyS} s`;
