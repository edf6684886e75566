import type { Log } from '@wattbus/nest-mqtt';
import { openPtyTransport } from './pty-transport.js';
import { openSerialTransport } from './serial-transport.js';
import { openTcpTransport } from './tcp-transport.js';

/** Where the meter's bytes go out. */
export interface Transport {
  /** What a meter configuration has to name to read it: `tcp://127.0.0.1:2300`, `/tmp/meter`. */
  readonly address: string;
  /** Resolves once the bytes are on their way and more may follow. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when somebody reads; at once where that cannot be seen. */
  reader(): Promise<void>;
  close(): Promise<void>;
}

/** `tcp://host:port` (port 0: a free one), `pty:/path/of/link`, or a serial device. */
export function openTransport(listen: string, log: Log): Promise<Transport> {
  if (listen.startsWith('tcp://')) return openTcpTransport(new URL(listen), log);
  if (listen.startsWith('pty:')) return openPtyTransport(listen.slice('pty:'.length));
  return openSerialTransport(listen);
}
