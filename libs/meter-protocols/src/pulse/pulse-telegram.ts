import type { Telegram } from '@wattbus/energy-model';
import type { PulseOptions } from './pulse-options.js';

/** Units in which meters print what a pulse is worth. */
const units = { energyImportWh: 'kWh', energyExportWh: 'kWh', volumeL: 'm3' } as const;

/**
 * What a meter with so many pulses shows. The counter is kept by the caller, over restarts: the
 * line itself remembers nothing.
 */
export function pulseTelegram(pulses: number, options: PulseOptions): Telegram {
  const { perUnit, quantity = 'energyImportWh' } = options;
  return {
    protocol: 'pulse',
    meter: {},
    at: null,
    registers: [
      { label: 'pulses', value: pulses },
      ...(perUnit === undefined
        ? []
        : [{ label: quantity, value: pulses / perUnit, unit: units[quantity] }]),
    ],
    checked: false,
    warnings: [],
  };
}
