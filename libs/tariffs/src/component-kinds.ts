import { z } from 'zod';
import type { ComponentKind } from './component.js';
import { cap, capWith } from './components/cap.js';
import { capacity, capacityWith } from './components/capacity.js';
import { discount, discountWith } from './components/discount.js';
import { dynamic, dynamicWith } from './components/dynamic.js';
import { fixed, fixedWith } from './components/fixed.js';
import { flat, flatWith } from './components/flat.js';
import { percentOf, percentOfWith } from './components/percent-of.js';
import { tiered, tieredBase, tieredBaseWith, tieredWith } from './components/tiered.js';
import { tou, touWith } from './components/tou.js';

const amount = z.number();

/** One entry of a tariff; what the kinds mean is said in `components/`. */
export const Component = z.discriminatedUnion('kind', [
  flatWith(amount),
  touWith(amount),
  dynamicWith(amount),
  tieredWith(amount),
  tieredBaseWith(amount),
  fixedWith(amount),
  capacityWith(amount),
  percentOfWith(amount),
  capWith(amount),
  discountWith(amount),
]);
export type Component = z.infer<typeof Component>;

const kinds: { [K in Component['kind']]: ComponentKind<Extract<Component, { kind: K }>> } = {
  flat,
  tou,
  dynamic,
  tiered,
  'tiered-base': tieredBase,
  fixed,
  capacity,
  'percent-of': percentOf,
  cap,
  discount,
};

/** The table above pairs each component with its own kind, which TypeScript cannot follow. */
export const kindOf = (component: Component): ComponentKind<Component> =>
  kinds[component.kind] as ComponentKind<Component>;
