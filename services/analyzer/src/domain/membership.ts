/**
 * Which analyzer replicas are alive, as one of them sees it: whoever was heard within
 * `SILENCE_MS_MAX` on its own clock, or later than the last `ECHOES_MIN` of its own beats, and has
 * left no last will. Two replicas may see different sets for a while; both then own a meter and
 * publish the same results, which is harmless.
 */
export interface Membership {
  readonly self: string;
  /** Others, by instance. */
  readonly heard: { readonly [instance: string]: Heard };
  /** How many of its own beats have come back over the bus. */
  readonly echoes: number;
  /** The set that is acted upon, sorted. */
  readonly live: readonly string[];
  /** Since when the set that is seen differs from the one acted upon. */
  readonly changedAtMs: number | null;
  readonly beatAtMs: number;
  readonly tickedAtMs: number;
}

/** When another one was last heard: by the clock, and by the beats that had come back. */
interface Heard {
  /** Which of its lives that was. */
  readonly boot: string;
  readonly atMs: number;
  readonly echoes: number;
}

export type MembershipInput =
  /** Its own come back, too. */
  | { readonly kind: 'beat'; readonly instance: string; readonly boot: string }
  /** A last will or a farewell, not one that the broker had kept. */
  | { readonly kind: 'gone'; readonly instance: string }
  /** The bus was away: silence meanwhile proves nothing. */
  | { readonly kind: 'reconnected' }
  | { readonly kind: 'tick' };

export type MembershipOutput =
  { readonly kind: 'beat' } | { readonly kind: 'live'; readonly replicas: readonly string[] };

export const SILENCE_MS_MAX = 3_500;
export const BEAT_MS = 1_000;
/**
 * Where thousands of meters change hands, messages lie in queues for longer than the silence. What
 * it says itself lies there as well, so that silence proves nothing before that has come back.
 */
const ECHOES_MIN = 3;
/** Comings and goings within this time are acted upon at once. */
export const DEBOUNCE_MS = 250;
/** A tick so late means that this process was frozen, and heard nobody for that reason. */
const FROZEN_MS_MIN = 2_000;
/** More replicas than this are a mistake; what is beyond is not listened to. */
const REPLICAS_MAX = 256;

export const startMembership = (self: string, nowMs: number): Membership => ({
  self,
  heard: {},
  echoes: 0,
  live: [],
  changedAtMs: nowMs,
  beatAtMs: -Infinity,
  tickedAtMs: nowMs,
});

export function nextMembership(
  state: Membership,
  input: MembershipInput,
  nowMs: number,
): { state: Membership; outputs: readonly MembershipOutput[] } {
  switch (input.kind) {
    case 'beat':
      return hear(state, input, nowMs);
    case 'gone': {
      const left = Object.entries(state.heard).filter(([instance]) => instance !== input.instance);
      return settle({ ...state, heard: Object.fromEntries(left) }, nowMs, []);
    }
    case 'reconnected':
      return settle(forgiveSilence({ ...state, tickedAtMs: nowMs }, nowMs), nowMs, [beat]);
    case 'tick':
      return tick(state, nowMs);
  }
}

const beat: MembershipOutput = { kind: 'beat' };

function hear(
  state: Membership,
  { instance, boot }: { instance: string; boot: string },
  nowMs: number,
): ReturnType<typeof nextMembership> {
  if (instance === state.self) {
    return { state: { ...state, echoes: state.echoes + 1 }, outputs: [] };
  }
  const known = state.heard[instance];
  if (!known && Object.keys(state.heard).length >= REPLICAS_MAX) return { state, outputs: [] };
  const { echoes } = state;
  const heard = { ...state.heard, [instance]: { boot, atMs: nowMs, echoes } };
  // A newcomer learns of everybody at once, not within the second.
  return settle({ ...state, heard }, nowMs, known?.boot === boot ? [] : [beat]);
}

function tick(state: Membership, nowMs: number): ReturnType<typeof nextMembership> {
  const frozen = nowMs - state.tickedAtMs >= FROZEN_MS_MIN;
  const awake = frozen ? forgiveSilence(state, nowMs) : state;
  const due = nowMs - state.beatAtMs >= BEAT_MS;
  const heard = Object.fromEntries(
    Object.entries(awake.heard).filter(
      ([, { atMs, echoes }]) => nowMs - atMs < SILENCE_MS_MAX || awake.echoes - echoes < ECHOES_MIN,
    ),
  );
  return settle({ ...awake, heard, tickedAtMs: nowMs }, nowMs, due ? [beat] : []);
}

function forgiveSilence(state: Membership, nowMs: number): Membership {
  const heardNow = { atMs: nowMs, echoes: state.echoes };
  const heard = Object.entries(state.heard).map(([instance, { boot }]) => [
    instance,
    { boot, ...heardNow },
  ]);
  return { ...state, heard: Object.fromEntries(heard) as Membership['heard'] };
}

/** Acts upon the set that is seen once it has differed for the time of the debounce. */
function settle(
  state: Membership,
  nowMs: number,
  said: readonly MembershipOutput[],
): ReturnType<typeof nextMembership> {
  const beatAtMs = said.includes(beat) ? nowMs : state.beatAtMs;
  const seen = [state.self, ...Object.keys(state.heard)].sort();
  const same = seen.length === state.live.length && seen.every((id, i) => id === state.live[i]);
  if (same) return { state: { ...state, beatAtMs, changedAtMs: null }, outputs: said };
  const changedAtMs = state.changedAtMs ?? nowMs;
  if (nowMs - changedAtMs < DEBOUNCE_MS) {
    return { state: { ...state, beatAtMs, changedAtMs }, outputs: said };
  }
  return {
    state: { ...state, beatAtMs, changedAtMs: null, live: seen },
    outputs: [...said, { kind: 'live', replicas: seen }],
  };
}
