import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  freshnessOf,
  nextControl,
  startControl,
  type ControlInput,
  type ControlOutput,
  type ControlSettings,
  type ControlState,
  type ControlStep,
} from '@wattbus/load-control';
import { topics } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { DeviceConfig } from '@wattbus/service-config';
import { randomBytes } from 'node:crypto';
import { commandMessage, deviceMessage, type TimeOfDay } from './domain/messages.js';
import { settingsOf } from './domain/settings.js';
import { askPower, deadMan, switchTo, type TasmotaCommand } from './domain/tasmota.js';

const TICK_MS = 1_000;
/** What devices and the process before this one have said is waited for before anything is done. */
const LISTEN_MS = 1_000;

/** Carries out what control decides: commands onto the bus, and what is known of each device. */
@Injectable()
export class ControlLoop implements OnApplicationBootstrap, OnModuleDestroy {
  readonly commandPrefix = `c-${randomBytes(4).toString('hex')}`;
  readonly #service: ServiceContext;
  readonly #settings: ControlSettings | null;
  #state: ControlState | null = null;
  /** What was last said of each device, to say it again only when it changes. */
  readonly #said = new Map<string, string>();
  #connectedAtMs = Infinity;
  #silent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
    this.#settings = settingsOf(service.config.control, this.commandPrefix);
  }

  get isActive(): boolean {
    return this.#settings !== null;
  }

  onApplicationBootstrap(): void {
    if (!this.#settings) return;
    this.#service.bus.onConnect(() => this.#connected());
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Takes what happened. Before the first connection nothing can have. */
  feed(input: ControlInput): void {
    if (!this.#state || !this.#settings) return;
    this.#carryOut(nextControl(this.#state, input, performance.now(), this.#settings));
    if (input.kind === 'availability' && input.online) this.#setDeadMan(input.device);
  }

  /** True until devices and the process before this one have had their say. */
  get isListening(): boolean {
    return performance.now() - this.#connectedAtMs < LISTEN_MS;
  }

  /** The device that has a topic of its own on the bus. */
  deviceAt(topic: string): DeviceConfig | undefined {
    return this.#service.config.control.devices.find((device) => device.topic === topic);
  }

  #connected(): void {
    this.#said.clear();
    this.#connectedAtMs = Math.min(this.#connectedAtMs, performance.now());
    // Answers may have been missed, and what the devices do is the truth.
    if (!this.#state) this.#carryOut(startControl(this.#settings!, performance.now()));
    else for (const { name } of this.#settings!.devices) this.#toDevice(name, askPower);
    for (const { name } of this.#settings!.devices) this.#setDeadMan(name);
  }

  #tick(): void {
    if (this.isListening || !this.#state) return;
    this.feed({ kind: 'tick' });
    this.#sayDevices();
    this.#saySilence();
  }

  #carryOut({ state, outputs }: ControlStep): void {
    this.#state = state;
    for (const output of outputs) {
      if (output.kind === 'query') this.#toDevice(output.device, askPower);
      else this.#command(output);
    }
  }

  #command({ device, command }: Extract<ControlOutput, { kind: 'command' }>): void {
    const { bus, counters, log } = this.#service;
    counters.add('commandsSent');
    log.write('info', `${device} ${command.on ? 'on' : 'off'}: ${command.reason}`);
    bus.publish(topics.controlCommand, { device }, commandMessage(command, clockNow()));
    this.#toDevice(device, switchTo(command.on));
  }

  #setDeadMan(name: string): void {
    const device = this.#service.config.control.devices.find((one) => one.name === name);
    if (device && device.pulseTimeS > 0) this.#toDevice(name, deadMan(device.pulseTimeS));
  }

  #toDevice(name: string, { command, payload }: TasmotaCommand): void {
    const { bus, config } = this.#service;
    const device = config.control.devices.find((one) => one.name === name);
    if (device) bus.publish(topics.tasmotaCommand, { device: device.topic, command }, payload);
  }

  #sayDevices(): void {
    const { bus, condition } = this.#service;
    const timeOfDay = clockNow();
    for (const control of this.#state!.devices) {
      const { name: device, unresponsive } = control;
      condition.set(device, unresponsive ? `${device} does not answer commands` : null);
      const message = deviceMessage(control, timeOfDay);
      const text = JSON.stringify({ ...message, until: null });
      if (text === this.#said.get(device)) continue;
      const at = new Date().toISOString();
      if (bus.publish(topics.controlState, { device }, { ...message, at })) {
        this.#said.set(device, text);
      }
    }
  }

  #saySilence(): void {
    const { bus, condition } = this.#service;
    const { silentAfterMs } = this.#settings!;
    const freshness = freshnessOf({ ...this.#state!, silentAfterMs }, performance.now());
    const silent = freshness === 'silent';
    if (silent === this.#silent) return;
    const text = silent
      ? `No reading for ${silentAfterMs / 1000} s: devices are in their safe state.`
      : 'Readings come again.';
    condition.set('meter', silent ? text : null);
    const at = new Date().toISOString();
    const alert = { v: 1 as const, at, active: silent, severity: 'warning' as const, text };
    const params = { service: 'controller', name: 'meter-silent' };
    if (bus.publish(topics.serviceAlert, params, alert)) this.#silent = silent;
  }
}

/** Both clocks are read once, so that the times of one message are as far apart as they were set. */
function clockNow(): TimeOfDay {
  const originMs = Math.round(Date.now() - performance.now());
  return (atMs) => new Date(originMs + Math.round(atMs)).toISOString();
}
