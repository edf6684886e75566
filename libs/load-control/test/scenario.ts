import { nextControl, startControl } from '../src/control.js';
import type {
  ControlInput,
  ControlOutput,
  ControlSettings,
  ControlState,
} from '../src/control-state.js';
import type { RunningDemand } from '../src/demand-limit.js';
import type { DeviceControl, DeviceSettings } from '../src/device.js';

export const boiler: DeviceSettings = {
  name: 'boiler',
  powerW: 4000,
  priority: 0,
  minOffMs: 600_000,
  minOnMs: 300_000,
  safeState: 'off',
  refreshMs: null,
};

export const limit4kW = (...devices: DeviceSettings[]): ControlSettings => ({
  limitW: 4000,
  marginW: 100,
  silentAfterMs: 60_000,
  devices,
  commandPrefix: 'c',
});

/** A house on a time line: devices answer at once unless they are told to be deaf. */
export class Scenario {
  state: ControlState;
  readonly said: (ControlOutput & { readonly atS: number })[] = [];
  readonly deaf = new Set<string>();
  readonly #settings: ControlSettings;
  #nowMs = 0;

  constructor(settings: ControlSettings) {
    this.#settings = settings;
    this.state = this.#keep(startControl(settings, 0));
  }

  get nowS(): number {
    return this.#nowMs / 1000;
  }

  hear(input: ControlInput): this {
    this.state = this.#keep(nextControl(this.state, input, this.#nowMs, this.#settings));
    return this;
  }

  /** Every device says that it is on. */
  allOn(): this {
    for (const { name } of this.#settings.devices) {
      this.hear({ kind: 'report', device: name, on: true });
    }
    return this;
  }

  /** Goes on to an instant, second by second, with a reading and the demand at each. */
  runTo(seconds: number, demandAt: (elapsedS: number) => Partial<RunningDemand> | null): this {
    while (this.nowS < seconds) {
      this.#nowMs += 1000;
      this.hear({ kind: 'reading' });
      const demand = demandAt(this.nowS);
      if (demand) {
        const elapsedMs = this.#nowMs % 900_000;
        const whole = { elapsedMs, energyWh: 0, meanPowerW: 0, ...demand };
        this.hear({ kind: 'demand', demand: whole });
      }
      this.tick();
    }
    return this;
  }

  /** Goes on to an instant without any reading. */
  silentTo(seconds: number): this {
    while (this.nowS < seconds) {
      this.#nowMs += 1000;
      this.tick();
    }
    return this;
  }

  tick(): void {
    const from = this.said.length;
    this.hear({ kind: 'tick' });
    for (const output of this.said.slice(from)) {
      if (output.kind !== 'command' || this.deaf.has(output.device)) continue;
      this.hear({ kind: 'report', device: output.device, on: output.command.on });
    }
  }

  device(name: string): DeviceControl {
    return this.state.devices.find((device) => device.name === name)!;
  }

  /** Commands so far, as `seconds device on|off`. */
  get commands(): string[] {
    return this.said.flatMap((output) =>
      output.kind === 'command'
        ? [`${output.atS} ${output.device} ${output.command.on ? 'on' : 'off'}`]
        : [],
    );
  }

  #keep({ state, outputs }: { state: ControlState; outputs: readonly ControlOutput[] }) {
    this.said.push(...outputs.map((output) => ({ ...output, atS: this.nowS })));
    return state;
  }
}
