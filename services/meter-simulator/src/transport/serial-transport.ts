import { SerialPort } from 'serialport';
import type { Transport } from './transport.js';

/** A real serial device, for instance one end of a null-modem cable; P1 speed, 8N1. */
export async function openSerialTransport(path: string): Promise<Transport> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(error) : resolve()));
  });
  return {
    address: path,
    write: (bytes) =>
      new Promise((resolve, reject) => {
        port.write(Buffer.from(bytes));
        port.drain((error) => (error ? reject(error) : resolve()));
      }),
    reader: () => Promise.resolve(),
    close: () => new Promise((resolve) => port.close(() => resolve())),
  };
}
