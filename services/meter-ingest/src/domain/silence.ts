import { protocolNamed } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';

const USUAL_S = 60;
/** Tasmota devices tell every 300 s unless they are set otherwise, and others seldomer. */
const MQTT_S = 900;
/** A meter that is asked seldom may miss two turns. */
const INTERVALS = 3;

/** Silence after which a meter counts as stale, in ms: as configured, or as its kind suggests. */
export function staleAfterMsOf(
  { staleAfterS, mqtt, http }: Pick<MeterConfig, 'staleAfterS' | 'mqtt' | 'http'>,
  protocol: string,
): number {
  const intervalS = http?.everyS ?? protocolNamed(protocol)?.intervalS ?? 0;
  const usualS = mqtt ? MQTT_S : Math.max(USUAL_S, INTERVALS * intervalS);
  return (staleAfterS ?? usualS) * 1000;
}
