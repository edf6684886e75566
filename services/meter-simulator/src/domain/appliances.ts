/**
 * What is in the house. Each appliance is a pure function from what it remembers and the moment
 * to its power on the three phases in W (generation is negative).
 */
export interface Moment {
  /** Seconds since the last step. */
  readonly stepS: number;
  /** Local time of day in hours, 0 to 24. */
  readonly hour: number;
  readonly dayOfYear: number;
  /** The next draw in [0, 1). */
  readonly chance: () => number;
  /** The relay of the smart plug that the water boiler hangs on. */
  readonly boilerPlugOn: boolean;
}

export type Phases = readonly [number, number, number];

/** What an appliance remembers: is it on, for how long yet, how strongly. */
export interface Memory {
  readonly on: boolean;
  readonly leftS: number;
  readonly level: number;
}

export interface Appliance {
  readonly name: string;
  readonly step: (memory: Memory, moment: Moment) => { memory: Memory; powerW: Phases };
}

export const AT_REST: Memory = { on: false, leftS: 0, level: 0 };

const OFF: Phases = [0, 0, 0];
const between = (low: number, high: number, chance: number): number => low + (high - low) * chance;
const within = (hour: number, ...spans: readonly (readonly [number, number])[]): boolean =>
  spans.some(([from, to]) => hour >= from && hour < to);
/** Probability that something which happens `perHour` times an hour happens in this step. */
const happens = (perHour: number, { stepS, chance }: Moment): boolean =>
  chance() < 1 - Math.exp((-perHour * stepS) / 3600);

/** Outdoor temperature in °C: the season and the time of day, no weather. */
const outdoorC = ({ dayOfYear, hour }: Moment): number =>
  10.5 -
  7.5 * Math.cos((2 * Math.PI * (dayOfYear - 20)) / 365) -
  3 * Math.cos((2 * Math.PI * (hour - 3)) / 24);

/** Something that runs in turns: on for a while, off for a while. */
function cycling(
  name: string,
  turns: {
    onS: readonly [number, number];
    offS: (moment: Moment) => readonly [number, number];
    powerW: (level: number) => Phases;
  },
): Appliance {
  return {
    name,
    step: (memory, moment) => {
      const leftS = memory.leftS - moment.stepS;
      const next =
        leftS > 0
          ? { ...memory, leftS }
          : {
              on: !memory.on,
              leftS: between(...(memory.on ? turns.offS(moment) : turns.onS), moment.chance()),
              level: moment.chance(),
            };
      return { memory: next, powerW: next.on ? turns.powerW(next.level) : OFF };
    },
  };
}

/** Something that is switched on now and then and runs to its end. */
function occasional(
  name: string,
  use: {
    perHour: (moment: Moment) => number;
    runsS: readonly [number, number];
    powerW: (level: number, leftS: number) => Phases;
  },
): Appliance {
  return {
    name,
    step: (memory, moment) => {
      const leftS = Math.max(0, memory.leftS - moment.stepS);
      const starts = leftS === 0 && happens(use.perHour(moment), moment);
      const next = starts
        ? { on: true, leftS: between(...use.runsS, moment.chance()), level: moment.chance() }
        : { ...memory, on: leftS > 0, leftS };
      return { memory: next, powerW: next.on ? use.powerW(next.level, next.leftS) : OFF };
    },
  };
}

export const appliances: readonly Appliance[] = [
  {
    name: 'standby',
    step: (memory, { chance }) => ({
      memory,
      powerW: [62 + 4 * chance(), 28 + 2 * chance(), 21 + 2 * chance()],
    }),
  },
  cycling('fridge', {
    onS: [700, 1_200],
    offS: () => [1_500, 2_400],
    powerW: () => [0, 92, 0],
  }),
  occasional('lights and screens', {
    perHour: ({ hour }) => (within(hour, [6.5, 8.5], [17, 23.5]) ? 3 : 0.3),
    runsS: [1_800, 7_200],
    powerW: (level) => [110 + 190 * level, 0, 0],
  }),
  occasional('kettle', {
    perHour: ({ hour }) => (within(hour, [6.5, 9], [12, 13.5], [15, 21]) ? 0.7 : 0.03),
    runsS: [110, 220],
    powerW: () => [0, 0, 2_080],
  }),
  occasional('hob and oven', {
    perHour: ({ hour }) => (within(hour, [17.5, 19.5]) ? 0.9 : within(hour, [12, 13]) ? 0.2 : 0),
    runsS: [1_500, 3_600],
    powerW: (level, leftS) => (leftS % 90 < 55 ? [1_150 + 600 * level, 0, 0] : OFF),
  }),
  cycling('heat pump', {
    onS: [900, 2_400],
    offS: (moment) => {
      const cold = Math.max(0.3, 19 - outdoorC(moment));
      return [12_000 / cold, 26_000 / cold];
    },
    powerW: (level) => {
      const phase = (800 + 1_300 * level) / 3;
      return [phase, phase, phase];
    },
  }),
  {
    name: 'water boiler on a smart plug',
    step: (memory, moment) => {
      const wanted = within(moment.hour, [5.5, 7.2], [16.5, 19.5], [22, 23]);
      const heats = wanted && moment.boilerPlugOn;
      return { memory: { ...memory, on: heats }, powerW: heats ? [0, 1_985, 0] : OFF };
    },
  },
  occasional('car', {
    perHour: ({ hour }) => (within(hour, [17.8, 20.5]) ? 0.4 : within(hour, [0.5, 2]) ? 0.3 : 0),
    runsS: [3_000, 9_000],
    powerW: () => [2_380, 2_380, 2_380],
  }),
  {
    name: 'photovoltaics, 4.2 kWp',
    step: (memory, moment) => {
      const clouds = memory.leftS <= moment.stepS;
      const next: Memory = clouds
        ? { on: true, leftS: between(60, 900, moment.chance()), level: moment.chance() }
        : { ...memory, leftS: memory.leftS - moment.stepS };
      const season = 0.55 - 0.4 * Math.cos((2 * Math.PI * (moment.dayOfYear + 10)) / 365);
      const halfDayH = 6 + 2.2 * (season - 0.55) * 2.5;
      const sun = Math.cos((Math.PI / 2) * ((moment.hour - 13) / halfDayH));
      const inDay = Math.abs(moment.hour - 13) < halfDayH;
      const phase = inDay ? (-4_200 * season * sun * (0.25 + 0.75 * next.level)) / 3 : 0;
      return { memory: next, powerW: [phase, phase, phase] };
    },
  },
];
