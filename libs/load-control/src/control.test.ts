import { describe, expect, test } from '@jest/globals';
import { boiler, limit4kW, Scenario } from '../test/scenario.js';
import type { ControlState } from './control-state.js';
import type { RunningDemand } from './demand-limit.js';

const calm = (): Partial<RunningDemand> => ({ energyWh: 0, meanPowerW: 500 });
/** 6 kW since the quarter-hour began, of which the boiler takes 4. */
const heavy = (seconds: number): Partial<RunningDemand> => ({
  energyWh: ((seconds % 900) * 6000) / 3600,
  meanPowerW: 6000,
});

describe('shedding', () => {
  test('begins 120 s into the quarter-hour and not before', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().runTo(119, heavy);
    expect(house.commands).toEqual([]);
    expect(house.runTo(120, heavy).commands).toEqual(['120 boiler off']);
  });

  test('says why, and for how long the command holds', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().runTo(120, heavy);
    const command = house.said.find(({ kind }) => kind === 'command');
    expect(command).toMatchObject({
      command: {
        id: 'c-1',
        on: false,
        issuedAtMs: 120_000,
        expiresAtMs: 150_000,
        reason: 'the quarter-hour is to end at 6.0 kW, the limit is 4.0 kW',
      },
    });
    expect(house.device('boiler').decision.decidedBy).toBe('demand-limit');
  });

  test('does not shed more while the mean power still holds the first device', () => {
    const heater = { ...boiler, name: 'heater', powerW: 3000, priority: 1 };
    let switchedAt: number | null = null;
    const house = new Scenario(limit4kW(boiler, heater)).allOn();
    house.runTo(200, (seconds) => {
      switchedAt ??= house.commands.length > 0 ? seconds : null;
      const meanPowerW =
        switchedAt === null ? 6000 : 2000 + 4000 * Math.exp(-(seconds - switchedAt) / 60);
      return { energyWh: 200 + seconds, meanPowerW };
    });
    expect(house.commands).toEqual(['120 boiler off']);
  });

  test('keeps below the limit by the margin', () => {
    const at = (powerW: number): string[] =>
      new Scenario(limit4kW(boiler))
        .allOn()
        .runTo(130, (s) => ({ energyWh: (s * powerW) / 3600, meanPowerW: powerW })).commands;
    expect(at(3900)).toEqual([]);
    expect(at(3905)).toEqual(['120 boiler off']);
  });

  test('does nothing without a measured demand', () => {
    expect(new Scenario(limit4kW(boiler)).allOn().runTo(300, () => null).commands).toEqual([]);
  });

  test('leaves alone what has not said that it is on, is off or is not there', () => {
    const unknown = new Scenario(limit4kW(boiler)).runTo(130, heavy);
    expect(unknown.commands).toEqual([]);
    const off = new Scenario(limit4kW(boiler));
    off.hear({ kind: 'report', device: 'boiler', on: false }).runTo(130, heavy);
    expect(off.commands).toEqual([]);
    const gone = new Scenario(limit4kW(boiler)).allOn();
    gone.hear({ kind: 'availability', device: 'boiler', online: false }).runTo(130, heavy);
    expect(gone.commands).toEqual([]);
  });
});

describe('restoring', () => {
  const shedAt120 = (): Scenario => new Scenario(limit4kW(boiler)).allOn().runTo(120, heavy);

  test('waits for the minimum off time and then for a minute of room', () => {
    // Off at 120 s, free at 720 s, room until 780 s. In the same quarter-hour there is room for
    // 4 kW only because little was used since.
    const house = shedAt120().runTo(779, calm);
    expect(house.commands).toEqual(['120 boiler off']);
    expect(house.runTo(780, calm).commands).toEqual(['120 boiler off', '780 boiler on']);
    expect(house.device('boiler')).toMatchObject({ reported: true, target: null });
  });

  test('uses a new quarter-hour after 15 s', () => {
    const full = (s: number): Partial<RunningDemand> => ({
      energyWh: s < 900 ? 980 : 0,
      meanPowerW: 0,
    });
    const small = { ...boiler, powerW: 3000 };
    const house = new Scenario(limit4kW(small)).allOn().runTo(120, heavy).runTo(914, full);
    expect(house.commands).toEqual(['120 boiler off']);
    expect(house.runTo(915, full).commands).toEqual(['120 boiler off', '915 boiler on']);
  });

  test('takes one device in 15 s, the most important first', () => {
    const kettle = { ...boiler, name: 'kettle', powerW: 1000, priority: 2 };
    const pump = { ...boiler, name: 'pump', powerW: 1000, priority: 1 };
    const house = new Scenario(limit4kW(kettle, pump)).allOn().runTo(120, heavy);
    expect(house.commands).toEqual(['120 kettle off', '120 pump off'].sort());
    house.runTo(840, calm);
    expect(house.commands.slice(2)).toEqual(['780 kettle on', '795 pump on']);
  });

  test('is not done with readings that are old', () => {
    const house = shedAt120().runTo(719, calm);
    expect(house.silentTo(779).commands).toEqual(['120 boiler off']);
  });

  test('is not done to a device that somebody switched off by hand', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().runTo(60, calm);
    house.hear({ kind: 'report', device: 'boiler', on: false }).runTo(2000, calm);
    expect(house.commands).toEqual([]);
  });

  test('leaves a device on that somebody switched on for its minimum on time', () => {
    const house = shedAt120().runTo(200, heavy);
    house.hear({ kind: 'report', device: 'boiler', on: true });
    expect(house.runTo(499, heavy).commands).toEqual(['120 boiler off']);
    expect(house.runTo(500, heavy).commands).toEqual(['120 boiler off', '500 boiler off']);
  });
});

describe('a silent meter', () => {
  test('brings the safe state one moment after its limit, whatever the minimum times', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().runTo(10, calm);
    expect(house.silentTo(70).commands).toEqual([]);
    expect(house.silentTo(71).commands).toEqual(['71 boiler off']);
    expect(house.device('boiler').decision).toMatchObject({
      decidedBy: 'meter-silent',
      reason: 'no reading for 61 s',
    });
  });

  test('counts from the start where the meter was never heard', () => {
    const house = new Scenario(limit4kW(boiler)).allOn();
    expect(house.silentTo(60).commands).toEqual([]);
    expect(house.silentTo(61).commands).toEqual(['61 boiler off']);
  });

  test('leaves or switches on what its safe state says', () => {
    const kept = { ...boiler, name: 'kept', safeState: 'keep' as const };
    const fridge = { ...boiler, name: 'fridge', safeState: 'on' as const };
    const house = new Scenario(limit4kW(kept, fridge));
    house.hear({ kind: 'report', device: 'kept', on: true });
    house.hear({ kind: 'report', device: 'fridge', on: false });
    expect(house.silentTo(61).commands).toEqual(['61 fridge on']);
  });

  test('that speaks again gets its devices back', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().silentTo(61);
    house.runTo(721, calm);
    expect(house.commands).toEqual(['61 boiler off', '721 boiler on']);
  });

  test('does not keep an old demand in use', () => {
    const house = new Scenario(limit4kW({ ...boiler, safeState: 'keep' })).allOn();
    house.runTo(10, heavy).silentTo(400);
    expect(house.commands).toEqual([]);
  });

  test('makes the limit reckon with the margin more before', () => {
    const house = new Scenario(limit4kW(boiler)).allOn();
    const nearLimit = (s: number) => ({ energyWh: (s * 3850) / 3600, meanPowerW: 3850 });
    house.runTo(200, nearLimit);
    expect(house.commands).toEqual([]);
    expect(house.silentTo(216).commands).toEqual(['216 boiler off']);
  });
});

describe('a command', () => {
  test('is repeated after 5, 10 and 20 s and given up after 40 more', () => {
    const house = new Scenario(limit4kW({ ...boiler, minOffMs: 0 })).allOn();
    house.deaf.add('boiler');
    house.runTo(194, heavy);
    expect(house.commands).toEqual([
      '120 boiler off',
      '125 boiler off',
      '135 boiler off',
      '155 boiler off',
    ]);
    expect(house.device('boiler').unresponsive).toBe(false);
    house.runTo(195, heavy);
    expect(house.device('boiler')).toMatchObject({
      unresponsive: true,
      pending: null,
      commandsSent: 4,
      commandsUnacknowledged: 1,
    });
    expect(house.runTo(300, heavy).commands).toHaveLength(4);
  });

  test('goes to the next device when one does not answer', () => {
    const heater = { ...boiler, name: 'heater', priority: 1 };
    const house = new Scenario(limit4kW(boiler, heater)).allOn();
    house.deaf.add('boiler');
    house.runTo(196, heavy);
    expect(house.commands.at(-1)).toBe('196 heater off');
  });

  test('is tried again once the device gives a sign of life', () => {
    const house = new Scenario(limit4kW(boiler)).allOn();
    house.deaf.add('boiler');
    house.runTo(200, heavy);
    house.deaf.clear();
    house.hear({ kind: 'availability', device: 'boiler', online: true });
    expect(house.runTo(201, heavy).commands.at(-1)).toBe('201 boiler off');
  });

  test('has an id of its own, each time', () => {
    const house = new Scenario(limit4kW(boiler)).allOn();
    house.deaf.add('boiler');
    house.runTo(200, heavy);
    const ids = house.said.flatMap((said) => (said.kind === 'command' ? [said.command.id] : []));
    expect(ids).toEqual(['c-1', 'c-2', 'c-3', 'c-4']);
  });
});

describe('at the start', () => {
  test('devices are asked what they do, and asked again each minute', () => {
    const house = new Scenario(limit4kW(boiler)).runTo(60, calm);
    const asked = house.said.flatMap(({ kind, atS }) => (kind === 'query' ? [atS] : []));
    expect(asked).toEqual([0, 60]);
  });

  test('a device that the process before had shed is restored', () => {
    const house = new Scenario(limit4kW(boiler));
    house.hear({ kind: 'remembered-shed', device: 'boiler' });
    house.hear({ kind: 'report', device: 'boiler', on: false });
    expect(house.runTo(660, calm).commands).toEqual(['660 boiler on']);
  });

  test('a remembered shedding is forgotten where the device is on', () => {
    const house = new Scenario(limit4kW(boiler));
    house.hear({ kind: 'remembered-shed', device: 'boiler' }).allOn();
    expect(house.runTo(700, calm).commands).toEqual([]);
  });
});

describe('a person’s command', () => {
  const override = (on: boolean, untilS: number) =>
    ({
      kind: 'override',
      device: 'boiler',
      on,
      untilMs: untilS * 1000,
      reason: 'by hand',
    }) as const;

  test('goes before the demand limit until it expires', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().hear(override(true, 400));
    expect(house.runTo(399, heavy).commands).toEqual([]);
    expect(house.runTo(400, heavy).commands).toEqual(['400 boiler off']);
  });

  test('that switches off ends with the device on again', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().hear(override(false, 700));
    house.runTo(759, calm);
    expect(house.commands).toEqual(['1 boiler off']);
    expect(house.runTo(760, calm).commands).toEqual(['1 boiler off', '760 boiler on']);
  });

  test('does not go before the safe state', () => {
    const house = new Scenario(limit4kW(boiler)).allOn().hear(override(true, 400));
    expect(house.silentTo(61).commands).toEqual(['61 boiler off']);
  });
});

test('a dead-man timer is refreshed while the device is on and may be', () => {
  const house = new Scenario(limit4kW({ ...boiler, refreshMs: 30_000 })).allOn();
  house.runTo(70, calm);
  expect(house.commands).toEqual(['1 boiler on', '31 boiler on', '61 boiler on']);
  house.silentTo(200);
  expect(house.commands.slice(3)).toEqual(['91 boiler on', '121 boiler on', '131 boiler off']);
});

test('saved and loaded at any second, control goes on the same', () => {
  const settings = limit4kW(boiler, { ...boiler, name: 'heater', powerW: 1500, priority: 1 });
  const whole = new Scenario(settings).allOn().runTo(1200, heavy);
  const cut = new Scenario(settings).allOn();
  for (let s = 1; s <= 1200; s += 1) {
    cut.runTo(s, heavy);
    cut.state = JSON.parse(JSON.stringify(cut.state)) as ControlState;
  }
  expect(cut.said).toEqual(whole.said);
});
