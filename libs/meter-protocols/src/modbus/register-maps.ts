import type { DecoderOptions } from '../meter-protocol.js';
import { allMaps } from './maps/all-maps.js';
import { parseRegisterMap, type RegisterMap } from './register-map.js';

/** The maps that are built in, by name. */
export const registerMaps: readonly RegisterMap[] = allMaps.map((content) => {
  const map = parseRegisterMap(content);
  if (!('registers' in map)) throw new Error(`register map ${content.name}: ${map.join('; ')}`);
  return map;
});

/** The user's own maps, which go before those that are built in. */
export const knownMaps = ({
  registerMaps: own = [],
}: Pick<DecoderOptions, 'registerMaps'>): readonly RegisterMap[] => [
  ...own,
  ...registerMaps.filter(({ name }) => own.every((one) => one.name !== name)),
];

/** The user's own map of the configured name, or the one that is built in. Throws without one. */
export function registerMapOf({
  registerMap,
  registerMaps: own = [],
}: Pick<DecoderOptions, 'registerMap' | 'registerMaps'>): RegisterMap {
  const known = knownMaps({ registerMaps: own });
  const found = known.find(({ name }) => name === registerMap);
  if (found) return found;
  const names = known.map(({ name }) => name).join(', ');
  throw new Error(`modbus: no register map "${registerMap ?? ''}"; known are ${names}`);
}
