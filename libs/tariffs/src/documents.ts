import type { Input, TariffFile } from './tariff-file.js';

/** `docs/tariffs.md`: every shipped tariff, what it needs and where its numbers come from. */
export function tariffsMarkdown(files: readonly TariffFile[]): string {
  return [
    '# Tariffs',
    '',
    'Made from `config/tariffs` by `npm run generate`; do not edit.',
    '',
    ...introduction,
    '',
    ...files.flatMap(section),
  ].join('\n');
}

const introduction = [
  '`npx wattbus tariffs` lists the names below. `npx wattbus bill` reckons a bill:',
  '',
  '```sh',
  'npx wattbus bill --tariff kepco-residential-high-voltage --from 2026-07-01 --to 2026-08-01 \\',
  '  --import-wh 573000 --set discount=16000',
  'npx wattbus bill --tariff flanders-antwerpen --from 2026-01-01 --to 2027-01-01 --usage year.csv',
  '```',
  '',
  '- `--from` and `--to` are local days of the tariff’s zone; `--to` is not on the bill any more.',
  '- `--usage FILE.csv` has a row an interval of 1, 5, 10, 15, 30 or 60 minutes: the time of its',
  '  start, the energy taken and, if any, the energy fed in, in kWh or Wh (said by the header as in',
  '  `import_kwh`, or by `--unit`; else taken as Wh where no home could use as much in kWh). Times are',
  '  ISO 8601 or `2026-01-31 18:45`, `31.01.2026 18:45`, `31-01-2026 18:45` of the zone. Decimal',
  '  commas are fine between semicolons, tabs or quotes. `--time`, `--import` and `--export` name the',
  '  columns. Rows must be in order, once each, and cover the bill; rows before it tell past demand.',
  '- Without `--usage`, `--import-wh` and `--export-wh` are spread evenly over all quarter-hours.',
  '- `--peak-w N` is the highest demand in W of each month of the bill; `--peak-w A,B,…` are those of',
  '  the months up to its last one. Without it the demand is that of the quarter-hours.',
  '- `--prices FILE.csv` has the prices of the market: `time` and `price` per kWh, or `price_mwh`.',
  '  A time without a price takes the mean of the same time on the seven days before, and the bill',
  '  is `provisional`.',
  '- `--set key=value` gives an input of the tariff. `--json` prints',
  '  `{"currency","lines":[{"id","amount"}],"total"}`.',
  '',
  '`npx wattbus compare-tariffs --from DATE --to DATE [--country BE]` sorts tariffs by what your own use',
  'would have cost, from the store or from `--usage FILE.csv`, and says which inputs some lack. Days and',
  'hours are those of `site.zone` or `--zone`, of a file else those of each tariff.',
  '',
  'In `wattbus.yaml`, `tariff: { use: NAME, set: { … } }` makes a tariff that of the running system; its',
  'days and hours are those of `site.zone`, and the bill begins on `site.billingDay`.',
  '',
  'Lines are without VAT unless the tariff says so, VAT has lines of its own, and the lines add up to',
  'the total. The total is that of the exact amounts; a line `rounding` says what the lines differ.',
  '`--tariff` takes a file of your own as well: `config/tariff.schema.json` completes and checks it in',
  'an editor, and the files of `config/tariffs` are examples. Prices change by a new version with its',
  'dates, so that a bill of the past stays as it was.',
];

function section(file: TariffFile): string[] {
  const { title, about, currency, zone, inputs, presets, versions } = file;
  const names = presets
    ? Object.entries(presets).map(([name, preset]) => `- \`${name}\`: ${preset.title}`)
    : [`- \`${file.name}\``];
  return [
    `## ${title}`,
    '',
    ...names,
    '',
    about.trim(),
    '',
    `${currency}, days of ${zone}${holidayText(file)}.`,
    '',
    ...inputTable(inputs),
    '| from | to | source | of |',
    '| --- | --- | --- | --- |',
    ...versions.map(
      ({ validFrom, validTo = '', source, sourceDate, note }) =>
        `| ${validFrom} | ${validTo} | ${source.trim()}${note ? ` ${note.trim()}` : ''} | ${sourceDate} |`,
    ),
    '',
  ];
}

const holidayText = ({ holidays }: TariffFile): string =>
  holidays === undefined
    ? ''
    : 'country' in holidays
      ? `, holidays of ${holidays.country}`
      : ', holidays of its own';

function inputTable(inputs: TariffFile['inputs']): string[] {
  const entries = Object.entries(inputs);
  if (entries.length === 0) return [];
  return [
    '| input | value | default | meaning |',
    '| --- | --- | --- | --- |',
    ...entries.map(
      ([name, input]) =>
        `| \`${name}\` | ${valueText(input)} | ${defaultText(input)} | ${input.about.trim()} |`,
    ),
    '',
  ];
}

function valueText(input: Input): string {
  if (input.type === 'choice') return input.choices.map((choice) => `\`${choice}\``).join(' ');
  return input.type === 'number' ? 'number' : 'days, with commas';
}

function defaultText(input: Input): string {
  if (input.default === undefined) return '';
  const text = Array.isArray(input.default) ? input.default.join(', ') : String(input.default);
  return text === '' ? '' : `\`${text}\``;
}
