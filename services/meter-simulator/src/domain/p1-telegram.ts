import { encodeDsmr } from '@wattbus/meter-protocols';
import type { MeterView } from './house.js';
import type { LocalTime } from './local-time.js';

/** M-Bus gas meters are read every five minutes (DSMR 5.0). */
const GAS_MS = 300_000;
const GAS_DEVICE_TYPE = 3;

/** What the house's meter says: a three-phase DSMR 5.0 telegram with a gas meter on channel 1. */
export function p1Telegram(
  view: MeterView,
  { offsetMinutes, standardOffsetMinutes }: LocalTime,
): Uint8Array {
  const [importLow, importNormal] = view.importWh;
  const [exportLow, exportNormal] = view.exportWh;
  return encodeDsmr({
    variant: '5.0',
    identification: 'WBS5\\2SIMULATED-1',
    meterId: 'E0000000000000001',
    at: civilTime(view.atMs, offsetMinutes),
    standardOffsetMinutes,
    measured: {
      powerW: Math.round(view.powerW),
      energyImportTariff1Wh: importLow,
      energyImportTariff2Wh: importNormal,
      energyExportTariff1Wh: exportLow,
      energyExportTariff2Wh: exportNormal,
      tariffIndicator: view.lowTariff ? 1 : 2,
      ...perPhase(view),
    },
    channels: [
      {
        channel: 1,
        deviceType: GAS_DEVICE_TYPE,
        id: 'G0000000000000001',
        at: civilTime(Math.floor(view.atMs / GAS_MS) * GAS_MS, offsetMinutes),
        value: view.gasL / 1000,
        unit: 'm3',
      },
    ],
  });
}

function perPhase({ phasePowerW, phaseVoltageV, phaseCurrentA }: MeterView): {
  [name: string]: number;
} {
  return Object.fromEntries(
    [0, 1, 2].flatMap((i) => [
      [`powerL${i + 1}W`, Math.round(phasePowerW[i]!)],
      [`voltageL${i + 1}V`, Math.round(phaseVoltageV[i]! * 10) / 10],
      [`currentL${i + 1}A`, Math.round(phaseCurrentA[i]!)],
    ]),
  );
}

/** ISO 8601 with the offset, to the second. */
function civilTime(atMs: number, offsetMinutes: number): string {
  const local = new Date(atMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const sign = offsetMinutes < 0 ? '-' : '+';
  const minutes = Math.abs(offsetMinutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${local}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
