/** Device types (EN 13757-3, table 6), as they are named there. */
export const mediumNames: Readonly<Record<number, string>> = {
  0x00: 'Other',
  0x01: 'Oil',
  0x02: 'Electricity',
  0x03: 'Gas',
  0x04: 'Heat: Outlet',
  0x05: 'Steam',
  0x06: 'Warm water',
  0x07: 'Water',
  0x08: 'Heat Cost Allocator',
  0x09: 'Compressed Air',
  0x0a: 'Cooling load meter: Outlet',
  0x0b: 'Cooling load meter: Inlet',
  0x0c: 'Heat: Inlet',
  0x0d: 'Heat / Cooling load meter',
  0x0e: 'Bus/System',
  0x0f: 'Unknown',
  0x10: 'Irrigation water',
  0x11: 'Water data logger',
  0x12: 'Gas data logger',
  0x13: 'Gas converter',
  0x14: 'Calorific value',
  0x15: 'Hot water',
  0x16: 'Cold water',
  0x17: 'Dual water',
  0x18: 'Pressure',
  0x19: 'A/D Converter',
  0x1a: 'Smoke detector',
  0x1b: 'Room sensor',
  0x1c: 'Gas detector',
  0x20: 'Breaker: Electricity',
  0x21: 'Valve: Gas or water',
  0x25: 'Customer unit',
  0x28: 'Waste water',
  0x29: 'Waste',
  0x31: 'Communication controller',
  0x32: 'Unidirectional repeater',
  0x33: 'Bidirectional repeater',
  0x36: 'Radio converter: system',
  0x37: 'Radio converter: meter',
};

export const electricityMedium = 0x02;
/** Mains-powered meters that may be asked often; the others live on a battery. */
export const mainsPoweredMedia: readonly number[] = [electricityMedium, 0x20];

/** The numbers of the fixed structure (EN 1434-3), which are others, as device types. */
export const fixedMedia: readonly number[] = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0f, 0x03, 0x04, 0x06, 0x07, 0x08, 0x0f,
];
