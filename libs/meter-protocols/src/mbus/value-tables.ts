/** What a value is and in which unit (EN 13757-3:2013, tables 10 to 15). */
export interface ValueKind {
  readonly quantity: string;
  readonly unit?: string;
  /** Decimal exponent of the value in that unit. */
  readonly exponent: number;
  /** What the unit is multiplied by, where the meter counts hours or megacalories. */
  readonly factor?: number;
  readonly form: 'number' | 'date' | 'date and time';
}

interface Row {
  /** First and last code of the row: the low bits count the exponent up from `exponent`. */
  readonly codes: readonly [number, number];
  readonly quantity: string;
  readonly unit?: string;
  readonly exponent?: number;
  /** In the place of exponents: what each code of the row counts. */
  readonly factors?: readonly number[];
  readonly form?: ValueKind['form'];
}

const durations = [1, 60, 3_600, 86_400];
/** Hours, days, months and years; a month is a twelfth of the year's 365.25 days. */
const longDurations = [3_600, 86_400, 2_629_800, 31_557_600];

const primaryRows: readonly Row[] = [
  { codes: [0x00, 0x07], quantity: 'Energy', unit: 'Wh', exponent: -3 },
  { codes: [0x08, 0x0f], quantity: 'Energy', unit: 'J', exponent: 0 },
  { codes: [0x10, 0x17], quantity: 'Volume', unit: 'm3', exponent: -6 },
  { codes: [0x18, 0x1f], quantity: 'Mass', unit: 'kg', exponent: -3 },
  { codes: [0x20, 0x23], quantity: 'On time', unit: 's', factors: durations },
  { codes: [0x24, 0x27], quantity: 'Operating time', unit: 's', factors: durations },
  { codes: [0x28, 0x2f], quantity: 'Power', unit: 'W', exponent: -3 },
  { codes: [0x30, 0x37], quantity: 'Power', unit: 'J/h', exponent: 0 },
  { codes: [0x38, 0x3f], quantity: 'Volume flow', unit: 'm3/h', exponent: -6 },
  { codes: [0x40, 0x47], quantity: 'Volume flow', unit: 'm3/min', exponent: -7 },
  { codes: [0x48, 0x4f], quantity: 'Volume flow', unit: 'm3/s', exponent: -9 },
  { codes: [0x50, 0x57], quantity: 'Mass flow', unit: 'kg/h', exponent: -3 },
  { codes: [0x58, 0x5b], quantity: 'Flow temperature', unit: '°C', exponent: -3 },
  { codes: [0x5c, 0x5f], quantity: 'Return temperature', unit: '°C', exponent: -3 },
  { codes: [0x60, 0x63], quantity: 'Temperature difference', unit: 'K', exponent: -3 },
  { codes: [0x64, 0x67], quantity: 'External temperature', unit: '°C', exponent: -3 },
  { codes: [0x68, 0x6b], quantity: 'Pressure', unit: 'bar', exponent: -3 },
  { codes: [0x6c, 0x6c], quantity: 'Time point (date)', form: 'date' },
  { codes: [0x6d, 0x6d], quantity: 'Time point (date & time)', form: 'date and time' },
  { codes: [0x6e, 0x6e], quantity: 'H.C.A.' },
  { codes: [0x70, 0x73], quantity: 'Averaging Duration', unit: 's', factors: durations },
  { codes: [0x74, 0x77], quantity: 'Actuality Duration', unit: 's', factors: durations },
  { codes: [0x78, 0x78], quantity: 'Fabrication No' },
  { codes: [0x79, 0x79], quantity: '(Enhanced) Identification' },
  { codes: [0x7a, 0x7a], quantity: 'Bus Address' },
  { codes: [0x7e, 0x7e], quantity: 'Any VIF' },
  { codes: [0x7f, 0x7f], quantity: 'Manufacturer specific' },
];

/** After VIF FD. */
const linearRows: readonly Row[] = [
  { codes: [0x00, 0x03], quantity: 'Credit', exponent: -3 },
  { codes: [0x04, 0x07], quantity: 'Debit', exponent: -3 },
  { codes: [0x08, 0x08], quantity: 'Access Number' },
  { codes: [0x09, 0x09], quantity: 'Medium' },
  { codes: [0x0a, 0x0a], quantity: 'Manufacturer' },
  { codes: [0x0b, 0x0b], quantity: 'Parameter set identification' },
  { codes: [0x0c, 0x0c], quantity: 'Model / Version' },
  { codes: [0x0d, 0x0d], quantity: 'Hardware version' },
  { codes: [0x0e, 0x0e], quantity: 'Firmware version' },
  { codes: [0x0f, 0x0f], quantity: 'Software version' },
  { codes: [0x10, 0x10], quantity: 'Customer location' },
  { codes: [0x11, 0x11], quantity: 'Customer' },
  { codes: [0x12, 0x15], quantity: 'Access code' },
  { codes: [0x16, 0x16], quantity: 'Password' },
  { codes: [0x17, 0x17], quantity: 'Error flags' },
  { codes: [0x18, 0x18], quantity: 'Error mask' },
  { codes: [0x1a, 0x1a], quantity: 'Digital Output' },
  { codes: [0x1b, 0x1b], quantity: 'Digital Input' },
  { codes: [0x1c, 0x1c], quantity: 'Baudrate' },
  { codes: [0x1d, 0x1d], quantity: 'Response delay time' },
  { codes: [0x1e, 0x1e], quantity: 'Retry' },
  { codes: [0x1f, 0x1f], quantity: 'Remote control' },
  { codes: [0x20, 0x20], quantity: 'First storage number' },
  { codes: [0x21, 0x21], quantity: 'Last storage number' },
  { codes: [0x22, 0x22], quantity: 'Size of storage block' },
  { codes: [0x23, 0x23], quantity: 'Descriptor of tariff and device' },
  { codes: [0x24, 0x27], quantity: 'Storage interval', unit: 's', factors: durations },
  { codes: [0x28, 0x29], quantity: 'Storage interval', unit: 's', factors: longDurations.slice(2) },
  { codes: [0x2a, 0x2a], quantity: 'Operator specific data' },
  { codes: [0x2b, 0x2b], quantity: 'Time point second', unit: 's' },
  { codes: [0x2c, 0x2f], quantity: 'Duration since last readout', unit: 's', factors: durations },
  { codes: [0x30, 0x30], quantity: 'Start of tariff', form: 'date and time' },
  { codes: [0x31, 0x33], quantity: 'Duration of tariff', unit: 's', factors: durations.slice(1) },
  { codes: [0x34, 0x37], quantity: 'Period of tariff', unit: 's', factors: durations },
  { codes: [0x38, 0x39], quantity: 'Period of tariff', unit: 's', factors: longDurations.slice(2) },
  { codes: [0x3a, 0x3a], quantity: 'Dimensionless' },
  { codes: [0x3b, 0x3b], quantity: 'Wireless M-Bus data' },
  { codes: [0x3c, 0x3f], quantity: 'Transmission period', unit: 's', factors: durations },
  { codes: [0x40, 0x4f], quantity: 'Voltage', unit: 'V', exponent: -9 },
  { codes: [0x50, 0x5f], quantity: 'Current', unit: 'A', exponent: -12 },
  { codes: [0x60, 0x60], quantity: 'Reset counter' },
  { codes: [0x61, 0x61], quantity: 'Cumulation counter' },
  { codes: [0x62, 0x62], quantity: 'Control signal' },
  { codes: [0x63, 0x63], quantity: 'Day of week' },
  { codes: [0x64, 0x64], quantity: 'Week number' },
  { codes: [0x65, 0x65], quantity: 'Time point of day change' },
  { codes: [0x66, 0x66], quantity: 'State of parameter activation' },
  { codes: [0x67, 0x67], quantity: 'Special supplier information' },
  {
    codes: [0x68, 0x6b],
    quantity: 'Duration since last cumulation',
    unit: 's',
    factors: longDurations,
  },
  { codes: [0x6c, 0x6f], quantity: 'Operating time battery', unit: 's', factors: longDurations },
  { codes: [0x70, 0x70], quantity: 'Battery change', form: 'date and time' },
  { codes: [0x71, 0x71], quantity: 'RF level', unit: 'dBm' },
  { codes: [0x72, 0x72], quantity: 'Daylight saving' },
  { codes: [0x73, 0x73], quantity: 'Listening window' },
  { codes: [0x74, 0x74], quantity: 'Remaining battery life', unit: 's', factors: [86_400] },
  { codes: [0x75, 0x75], quantity: 'Number of stops' },
  { codes: [0x76, 0x76], quantity: 'Manufacturer specific data' },
];

const cubicFoot = 0.028316846592;
const gallon = 0.003785411784;
/** The thermochemical calorie, in joules. */
const megacalorie = 4.184e6;

/** After VIF FB. */
const alternateRows: readonly Row[] = [
  { codes: [0x00, 0x01], quantity: 'Energy', unit: 'Wh', exponent: 5 },
  { codes: [0x02, 0x03], quantity: 'Reactive energy', unit: 'varh', exponent: 3 },
  { codes: [0x04, 0x05], quantity: 'Apparent energy', unit: 'VAh', exponent: 3 },
  { codes: [0x08, 0x09], quantity: 'Energy', unit: 'J', exponent: 8 },
  {
    codes: [0x0c, 0x0f],
    quantity: 'Energy',
    unit: 'J',
    factors: [0.1, 1, 10, 100].map((step) => step * megacalorie),
  },
  { codes: [0x10, 0x11], quantity: 'Volume', unit: 'm3', exponent: 2 },
  { codes: [0x14, 0x17], quantity: 'Reactive power', unit: 'var', exponent: 0 },
  { codes: [0x18, 0x19], quantity: 'Mass', unit: 'kg', exponent: 5 },
  { codes: [0x1a, 0x1b], quantity: 'Relative humidity', unit: '%', exponent: -1 },
  { codes: [0x20, 0x20], quantity: 'Volume', unit: 'm3', factors: [cubicFoot] },
  { codes: [0x21, 0x21], quantity: 'Volume', unit: 'm3', factors: [cubicFoot / 10] },
  { codes: [0x22, 0x23], quantity: 'Volume', unit: 'm3', factors: [gallon / 10, gallon] },
  {
    codes: [0x24, 0x26],
    quantity: 'Volume flow',
    unit: 'm3/h',
    factors: [(gallon * 60) / 1000, gallon * 60, gallon],
  },
  { codes: [0x28, 0x29], quantity: 'Power', unit: 'W', exponent: 5 },
  { codes: [0x2a, 0x2a], quantity: 'Phase between voltages', unit: '°', exponent: -1 },
  { codes: [0x2b, 0x2b], quantity: 'Phase of current', unit: '°', exponent: -1 },
  { codes: [0x2c, 0x2f], quantity: 'Frequency', unit: 'Hz', exponent: -3 },
  { codes: [0x30, 0x31], quantity: 'Power', unit: 'J/h', exponent: 8 },
  { codes: [0x34, 0x37], quantity: 'Apparent power', unit: 'VA', exponent: 0 },
  { codes: [0x58, 0x5b], quantity: 'Flow temperature', unit: '°F', exponent: -3 },
  { codes: [0x5c, 0x5f], quantity: 'Return temperature', unit: '°F', exponent: -3 },
  { codes: [0x60, 0x63], quantity: 'Temperature difference', unit: '°F', exponent: -3 },
  { codes: [0x64, 0x67], quantity: 'External temperature', unit: '°F', exponent: -3 },
  { codes: [0x70, 0x73], quantity: 'Temperature limit', unit: '°F', exponent: -3 },
  { codes: [0x74, 0x77], quantity: 'Temperature limit', unit: '°C', exponent: -3 },
  { codes: [0x78, 0x7f], quantity: 'Cumulated maximum power', unit: 'W', exponent: -3 },
];

type Table = readonly (ValueKind | undefined)[];

function tableOf(rows: readonly Row[]): Table {
  const table = new Array<ValueKind | undefined>(0x80).fill(undefined);
  for (const { codes, quantity, unit, exponent, factors, form = 'number' } of rows) {
    for (let code = codes[0]; code <= codes[1]; code += 1) {
      const factor = factors?.[code - codes[0]];
      table[code] = {
        quantity,
        ...(unit === undefined ? {} : { unit }),
        exponent: exponent === undefined ? 0 : exponent + code - codes[0],
        ...(factor === undefined ? {} : { factor }),
        form,
      };
    }
  }
  return table;
}

/** By the code without its extension bit; undefined where the standard reserves it. */
export const primaryKinds = tableOf(primaryRows);
export const linearKinds = tableOf(linearRows);
export const alternateKinds = tableOf(alternateRows);

export const reservedKind: ValueKind = { quantity: 'Reserved', exponent: 0, form: 'number' };
