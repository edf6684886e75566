import type { ControlSettings, DeviceSettings } from '@wattbus/load-control';
import type { DeviceConfig, WattbusConfig } from '@wattbus/service-config';

const deviceSettings = (device: DeviceConfig): DeviceSettings => ({
  name: device.name,
  powerW: device.powerW,
  priority: device.priority,
  minOffMs: device.minOffS * 1000,
  minOnMs: device.minOnS * 1000,
  safeState: device.safeState,
  // Half of the dead-man time, so that one lost refresh does no harm.
  refreshMs: device.pulseTimeS > 0 ? device.pulseTimeS * 500 : null,
});

/** What to control, or null where no limit or no device is configured. */
export function settingsOf(
  { demandLimitW, marginW, silentAfterS, devices }: WattbusConfig['control'],
  commandPrefix: string,
): ControlSettings | null {
  if (demandLimitW === undefined || devices.length === 0) return null;
  return {
    limitW: demandLimitW,
    marginW,
    silentAfterMs: silentAfterS * 1000,
    devices: devices.map(deviceSettings),
    commandPrefix,
  };
}

/** The meter whose demand is limited, or null: then it is the first grid meter that is heard. */
export const limitedMeter = ({
  control,
  meters,
}: Pick<WattbusConfig, 'control' | 'meters'>): string | null =>
  control.meter ?? meters.find(({ role }) => role === 'grid')?.name ?? null;
