export { meterSimulator } from './meter-simulator.module.js';
export { SimulatedMeter } from './simulated-meter.js';
export * from './domain/house.js';
export { localTimeOf } from './domain/local-time.js';
export { p1Telegram } from './domain/p1-telegram.js';
export { openTransport, type Transport } from './transport/transport.js';
