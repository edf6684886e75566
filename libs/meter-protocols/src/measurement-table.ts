import type { Medium, QuantityName } from '@wattbus/energy-model';

/**
 * OBIS → quantity, for every protocol that states OBIS codes (IEC 62056-6-1). A key is medium `A`
 * and `C.D.E`; the channel `B` is left out, because some meters print 0 and others 1.
 *
 * A quantity lists its sources in order of preference, and the first one that the telegram states
 * is taken: `plus` minus `minus`.
 */
export interface Source {
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
}

const only = (...keys: readonly string[]): Source => ({ plus: keys });
const difference = (plus: string, minus: string): Source => ({ plus: [plus], minus: [minus] });

const eitherOf = (...keys: readonly string[]): readonly Source[] => keys.map((key) => only(key));

const tariffs = (total: string): Source =>
  only(...[1, 2, 3, 4, 5, 6].map((tariff) => `${total}.${tariff}`));

export const electricitySources: { readonly [name in QuantityName]?: readonly Source[] } = {
  // 15.7.0, the sum without a sign, is all that some import meters state.
  powerW: [only('1-16.7.0'), difference('1-1.7.0', '1-2.7.0'), only('1-15.7.0')],
  powerL1W: [only('1-36.7.0'), difference('1-21.7.0', '1-22.7.0')],
  powerL2W: [only('1-56.7.0'), difference('1-41.7.0', '1-42.7.0')],
  powerL3W: [only('1-76.7.0'), difference('1-61.7.0', '1-62.7.0')],
  reactivePowerVar: [
    difference('1-3.7.0', '1-4.7.0'),
    // The four quadrants: I and II are import.
    { plus: ['1-5.7.0', '1-6.7.0'], minus: ['1-7.7.0', '1-8.7.0'] },
  ],
  apparentPowerVA: [difference('1-9.7.0', '1-10.7.0')],
  powerFactor: [only('1-13.7.0')],
  frequencyHz: [only('1-14.7.0')],
  voltageL1V: [only('1-32.7.0'), only('1-12.7.0')],
  voltageL2V: [only('1-52.7.0')],
  voltageL3V: [only('1-72.7.0')],
  currentL1A: [only('1-31.7.0'), only('1-11.7.0')],
  currentL2A: [only('1-51.7.0')],
  currentL3A: [only('1-71.7.0')],
  currentNeutralA: [only('1-91.7.0')],
  energyImportWh: [only('1-1.8.0'), tariffs('1-1.8')],
  energyImportTariff1Wh: [only('1-1.8.1')],
  energyImportTariff2Wh: [only('1-1.8.2')],
  energyImportTariff3Wh: [only('1-1.8.3')],
  energyImportTariff4Wh: [only('1-1.8.4')],
  energyExportWh: [only('1-2.8.0'), tariffs('1-2.8')],
  energyExportTariff1Wh: [only('1-2.8.1')],
  energyExportTariff2Wh: [only('1-2.8.2')],
  energyExportTariff3Wh: [only('1-2.8.3')],
  energyExportTariff4Wh: [only('1-2.8.4')],
  energyReactiveImportVarh: [only('1-3.8.0'), tariffs('1-3.8'), only('1-5.8.0', '1-6.8.0')],
  energyReactiveExportVarh: [only('1-4.8.0'), tariffs('1-4.8'), only('1-7.8.0', '1-8.8.0')],
  tariffIndicator: [only('0-96.14.0')],
  demandImportW: [only('1-1.4.0')],
  demandExportW: [only('1-2.4.0')],
  demandImportPeakMonthW: [only('1-1.6.0')],
  powerLimitW: [only('0-17.0.0')],
  currentLimitA: [only('1-31.4.0'), only('0-17.0.0'), only('ISOUSC')],
  breakerState: [only('0-96.3.10')],
  powerFailureCount: [only('0-96.7.21')],
  longPowerFailureCount: [only('0-96.7.9')],
  voltageSagL1Count: [only('1-32.32.0')],
  voltageSagL2Count: [only('1-52.32.0')],
  voltageSagL3Count: [only('1-72.32.0')],
  voltageSwellL1Count: [only('1-32.36.0')],
  voltageSwellL2Count: [only('1-52.36.0')],
  voltageSwellL3Count: [only('1-72.36.0')],
  // EN 13757-1: 5 cooling, 6 heat, 7 gas, 8 cold and 9 hot water.
  heatJ: eitherOf('6-6.8.0', '6-1.0.0'),
  coolingJ: eitherOf('5-1.0.0'),
  heatPowerW: eitherOf('6-8.0.0', '5-8.0.0'),
  flowTemperatureC: eitherOf('6-10.0.0', '5-10.0.0'),
  returnTemperatureC: eitherOf('6-11.0.0', '5-11.0.0'),
  volumeL: eitherOf('6-6.26.0', '6-2.0.0', '5-2.0.0', '7-3.0.0', '8-1.0.0', '9-1.0.0'),
  volumeFlowLPerH: eitherOf('6-9.0.0', '5-9.0.0', '7-43.0.0', '8-2.0.0', '9-2.0.0'),
};

/** The medium of a volume, by the code that states it; another one is water. */
export const volumeMedia: readonly (readonly [key: string, medium: Medium])[] = [
  ['7-3.0.0', 'gas'],
  ['9-1.0.0', 'hot-water'],
];

export const demandPeakKey = '1-1.6.0';
export const powerFailureLog = '1-0:99.97.0';

/** What one count of a stated unit is in the unit of a quantity; stated units are in lower case. */
export const unitFactors: {
  readonly [unit: string]: { readonly [stated: string]: number } | undefined;
} = {
  W: { w: 1, kw: 1e3, MW: 1e6, 'j/h': 1 / 3600 },
  Wh: { wh: 1, kwh: 1e3, mwh: 1e6 },
  var: { var: 1, kvar: 1e3 },
  varh: { varh: 1, kvarh: 1e3, mvarh: 1e6 },
  VA: { va: 1, kva: 1e3 },
  VAh: { vah: 1, kvah: 1e3 },
  V: { v: 1, kv: 1e3 },
  A: { a: 1, ma: 1e-3 },
  Hz: { hz: 1 },
  L: { l: 1, dm3: 1, m3: 1e3, 'm³': 1e3 },
  'L/h': { 'l/h': 1, 'm3/h': 1e3, 'm³/h': 1e3, m3ph: 1e3 },
  J: { j: 1, kj: 1e3, mj: 1e6, gj: 1e9, wh: 3600, kwh: 3.6e6, mwh: 3.6e9 },
  '°C': { '°c': 1, c: 1 },
};

/** Limits that stand for "no limit" in P1 telegrams. */
export const noLimitFrom = { powerLimitW: 999_000, currentLimitA: 999 } as const;

/** What hangs on an M-Bus channel: medium and the quantity that its reading is. */
export interface ChannelKind {
  readonly medium: Medium;
  readonly quantity: QuantityName;
}

const gas: ChannelKind = { medium: 'gas', quantity: 'volumeL' };
const water: ChannelKind = { medium: 'water', quantity: 'volumeL' };
const hotWater: ChannelKind = { medium: 'hot-water', quantity: 'volumeL' };
const heat: ChannelKind = { medium: 'heat', quantity: 'heatJ' };
const cooling: ChannelKind = { medium: 'cooling', quantity: 'coolingJ' };

/**
 * The device type 0-n:24.1.0 (EN 13757-3, table of media) decides, never the OBIS code of the
 * reading: Dutch gas, Belgian water and heat all come as 24.2.1.
 */
export const channelKinds: { readonly [deviceType: number]: ChannelKind | undefined } = {
  2: { medium: 'electricity', quantity: 'energyImportWh' },
  3: gas,
  4: heat,
  6: hotWater,
  7: water,
  10: cooling,
  11: cooling,
  12: heat,
  13: heat,
  21: hotWater,
  22: water,
};

export const deviceTypeKey = '24.1.0';
/** Temperature corrected or not; 24.3.0 is that of DSMR 2 and 3. */
export const channelReadingKeys: readonly string[] = ['24.2.1', '24.2.3', '24.2.0', '24.3.0'];
export const channelIdKeys: readonly string[] = ['96.1.0', '96.1.1'];
