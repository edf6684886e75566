import type { KnownMeter, MeterProtocol, SerialSettings } from './meter-protocol.js';
import { mqttMeterKinds } from './mqtt-meters/mqtt-meters.js';
import { protocols } from './protocols.js';

/** The page of meters that are read, made from what each protocol says of itself. */
export function metersMarkdown(): string {
  const known = protocols.flatMap((protocol) =>
    protocol.meters.map((meter) => ({
      protocol,
      meter: { ...meter, country: countryText(meter.country) },
    })),
  );
  const byCountry = [...known].sort((left, right) => compare(left.meter, right.meter));
  return [
    '# Meters',
    '',
    '<!-- Made from the protocols by `npm run generate`; do not edit. -->',
    '',
    'Plug the cable in and name its port: the protocol and the line settings are found. Both can',
    'be set in [configuration.md](configuration.md). `npx wattbus ports` lists the adapters that',
    'are plugged in, and `npx wattbus decode FILE` reads a recording without any port.',
    '',
    '## By country',
    '',
    ...table(
      ['country', 'meter', 'protocol', 'cable', 'what it gives'],
      byCountry.map(({ protocol, meter }) => [
        meter.country,
        meter.meter,
        `[${protocol.name}](#${protocol.name})`,
        meter.cable,
        meter.gives,
      ]),
    ),
    '',
    '## By protocol',
    '',
    ...protocols.flatMap(protocolSection),
    ...deviceSection(),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

const regions = new Intl.DisplayNames(['en'], { type: 'region' });

/** A protocol may name countries by their codes (ISO 3166-1): `DE, AT`. */
const countryText = (country: string): string =>
  country.replaceAll(/\b[A-Z]{2}\b/g, (code) => regions.of(code) ?? code);

/** Devices that have no port: they publish by themselves, or answer over HTTP. */
const deviceSection = (): string[] => [
  '## Devices on the network',
  '',
  'A meter may have `mqtt` or `http` in the place of a port. What the device publishes on the broker',
  'that Wattbus uses becomes a reading like any other; `channel` chooses one of several circuits, and',
  '`fields` says which quantity a key is that the table does not know.',
  '',
  '```yaml',
  'meters:',
  '  - name: washing',
  '    role: consumer',
  '    mqtt: { kind: tasmota, device: washing-plug }',
  '  - name: main',
  '    http: { url: http://192.168.1.20/api/v1/data, everyS: 5 }',
  '```',
  '',
  ...table(
    ['kind', 'device', 'topics'],
    mqttMeterKinds.map(({ name, title, topics }) => [
      name,
      title,
      topics.map(({ filter }) => `\`${filter}\``).join(', '),
    ]),
  ),
  '',
  'Messages that the broker had kept are left out: nobody knows when they were said. `http` asks',
  'HomeWizard meters over their local API.',
  '',
];

const protocolSection = (protocol: MeterProtocol): string[] => [
  `### ${protocol.name}`,
  '',
  `${protocol.title}.`,
  '',
  `Line settings, the most usual first: ${settingsText(protocol.serialSettings)}.`,
  protocol.conversation
    ? 'Meters that have to be asked are asked; those that send by themselves are listened to.'
    : 'The meter sends by itself.',
  '',
];

const settingsText = (settings: readonly SerialSettings[]): string =>
  settings.length === 0 ? 'none, it has no line' : settings.map(settingText).join(', ');

const settingText = ({ baudRate, dataBits, parity, stopBits }: SerialSettings): string =>
  `${baudRate} ${dataBits}${parity[0]!.toUpperCase()}${stopBits}`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`,
  );

function compare(left: KnownMeter, right: KnownMeter): number {
  return order(left.country, right.country) || order(left.meter, right.meter);
}

/** By code points, which are the same on every machine. */
const order = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
