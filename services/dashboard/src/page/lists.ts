import type { DeviceState, SiteAnalysis } from '@wattbus/mqtt-contract';
import { byId, renderRows, setAttribute, setFigure, setText, within } from './dom.js';
import * as format from './format.js';
import type { Figure, Formats } from './format.js';
import { nameOf, type TextKey } from './i18n.js';
import { alertRows, serviceRows, type ServiceCondition } from './selections.js';
import type { PageState } from './state.js';
import type { Speech } from './view.js';

type SiteMeter = SiteAnalysis['meters'][number];
type Tone = 'good' | 'warn' | 'bad' | 'quiet';

export function renderAlerts(state: PageState, { text, formats }: Speech, nowMs: number): void {
  renderRows(byId('alerts'), alertRows(state), {
    keyOf: ({ key }) => key,
    template: 'alert-row',
    fill: (element, { severity, text: message, service, at }) => {
      element.classList.toggle('critical', severity === 'critical');
      setText(
        within(element, '.alert-severity'),
        text(severity === 'critical' ? 'critical' : 'warning'),
      );
      setText(within(element, '.alert-text'), message);
      const since = format.when(Date.parse(at), nowMs, formats);
      setText(within(element, '.alert-from'), `${nameOf(text, service)}, ${since}`);
    },
  });
}

/** All meters but the grid's, which has the cards; that one appears where its link is bad. */
export function renderMeters(state: PageState, speech: Speech): void {
  const { text, formats } = speech;
  const link = (meter: string): string => state.meters.get(meter)?.link ?? 'online';
  const rows = (state.site?.meters ?? []).filter(
    ({ meter, role }) => role !== 'grid' || link(meter) !== 'online',
  );
  const leftOut = state.site?.metersLeftOut ?? 0;
  byId('meters').hidden = rows.length === 0 && leftOut === 0;
  byId('meters-left-out').hidden = leftOut === 0;
  const count = leftOut.toLocaleString(formats.locale);
  setText(byId('meters-left-out'), text('metersLeftOut', { count }));
  renderRows<SiteMeter>(byId('meter-list'), rows, {
    keyOf: ({ meter }) => meter,
    template: 'meter-row',
    fill: (element, meter) => {
      const { today, month, now } = meterFigures(meter, formats);
      const bad = link(meter.meter) !== 'online';
      const stale = text(link(meter.meter) === 'offline' ? 'meterOffline' : 'meterStale');
      const more = [
        now && format.join(now),
        month && `${format.join(month)} ${text('meterMonth')}`,
      ];
      element.classList.toggle('stale', bad);
      setAttribute(within(element, '.tile-icon'), 'href', `#icon-${iconOf(meter.role)}`);
      setText(within(element, '.tile-role'), nameOf(text, meter.role));
      setText(within(element, '.tile-name'), meter.meter === meter.role ? '' : meter.meter);
      setFigure(element, today);
      setText(within(element, '.tile-span'), text('meterToday'));
      setText(within(element, '.tile-more'), bad ? stale : more.filter(Boolean).join(' · '));
    },
  });
}

const icons: Readonly<Record<string, string>> = {
  pv: 'pv',
  gas: 'gas',
  water: 'water',
  heat: 'heat',
  battery: 'battery',
  ev: 'ev',
};
const iconOf = (role: string): string => (Object.hasOwn(icons, role) ? icons[role]! : 'bolt');

interface MeterFigures {
  readonly today: Figure | null;
  readonly month: Figure | null;
  readonly now: Figure | null;
}

function meterFigures(meter: SiteMeter, formats: Formats): MeterFigures {
  const amount = ({ importWh, exportWh, volumeL, heatJ }: SiteMeter['today']): Figure | null => {
    if (volumeL !== undefined) return format.volume(volumeL, formats);
    if (heatJ !== undefined) return format.heat(heatJ, formats);
    if (importWh === undefined && exportWh === undefined) return null;
    // A solar meter may count what it makes in either direction; the other one stays near zero.
    return format.energy(Math.max(importWh ?? 0, exportWh ?? 0), formats);
  };
  const now = meter.powerW === undefined ? null : format.power(meter.powerW, formats);
  return { today: amount(meter.today), month: amount(meter.month), now };
}

export function renderDevices(state: PageState, { text, formats }: Speech, nowMs: number): void {
  const rows = [...state.devices.values()].sort((one, other) =>
    one.device < other.device ? -1 : 1,
  );
  byId('device-none').hidden = rows.length > 0;
  renderRows(byId('device-list'), rows, {
    keyOf: ({ device }) => device,
    template: 'device-row',
    fill: (element, device) => {
      const [key, tone] = deviceCondition(device);
      const badge = within(element, '.badge');
      setText(badge, text(key));
      setAttribute(badge, 'data-tone', tone);
      setText(within(element, '.row-name'), device.device);
      setText(within(element, '.row-rule'), nameOf(text, device.decidedBy));
      setText(within(element, '.row-reason'), device.reason);
      const untilMs = device.until === null ? null : Date.parse(device.until);
      setText(
        within(element, '.row-side'),
        untilMs === null || untilMs < nowMs
          ? ''
          : text('until', { time: format.when(untilMs, nowMs, formats) }),
      );
    },
  });
}

function deviceCondition({ desired, reported, availability }: DeviceState): [TextKey, Tone] {
  if (availability === 'offline') return ['deviceOffline', 'bad'];
  if (desired !== null && reported !== null && desired !== reported) {
    return [desired ? 'switchingOn' : 'switchingOff', 'warn'];
  }
  if (reported === null) return ['unknown', 'quiet'];
  return reported ? ['on', 'good'] : ['off', 'quiet'];
}

const tones: Readonly<Record<ServiceCondition, Tone>> = {
  ready: 'good',
  degraded: 'warn',
  starting: 'quiet',
  silent: 'warn',
  stopped: 'quiet',
  lost: 'bad',
};

export function renderServices(state: PageState, { text, formats }: Speech, nowMs: number): void {
  const rows = serviceRows(state, nowMs);
  byId('service-none').hidden = rows.length > 0;
  renderRows(byId('service-list'), rows, {
    keyOf: ({ key }) => key,
    template: 'service-row',
    fill: (element, { service, instance, condition, reason, heardMs }) => {
      const badge = within(element, '.badge');
      setText(badge, text(condition));
      setAttribute(badge, 'data-tone', tones[condition]);
      setText(within(element, '.row-name'), nameOf(text, service));
      setText(within(element, '.row-instance'), instance ?? '');
      setText(within(element, '.row-reason'), reason);
      setText(
        within(element, '.row-side'),
        heardMs === null
          ? ''
          : text('heard', { age: format.age(Math.max(0, nowMs - heardMs), formats) }),
      );
    },
  });
}
