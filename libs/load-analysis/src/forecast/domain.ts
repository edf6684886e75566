/** A scale on which load is modelled, and the way back. Values are loads of an hour in units of the models, mostly kWh. */
export interface Domain {
  readonly into: (load: number) => number;
  readonly from: (value: number) => number;
}

export const linear: Domain = { into: (load) => load, from: (value) => Math.max(0, value) };

/** Below this the scale is nearly linear: standby is not what a household's load differs by. */
const OFFSET = 0.15;

/**
 * Households' loads are skewed and differ by factors, so errors are alike on this scale, and its
 * middle is the middle of the loads.
 */
export const logarithmic: Domain = {
  into: (load) => Math.log(Math.max(0, load) + OFFSET),
  from: (value) => Math.max(0, Math.exp(value) - OFFSET),
};
