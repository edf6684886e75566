import { connect } from 'node:net';
import mqttPacket from 'mqtt-packet';

/**
 * A client that costs next to nothing, so that the broker is what is measured: packets are written
 * ready-made and counted by their headers.
 */
export class LoadClient {
  #socket;
  #counter = new PacketCounter();
  #acknowledges;
  /** Called with the number of packets of each type (PUBLISH is 3, PUBACK 4) in a chunk. */
  onPackets = () => undefined;

  static async open(port, { subscribe = null, qos = 0 } = {}) {
    const client = new LoadClient();
    client.#acknowledges = qos > 0;
    client.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await new Promise((resolve, reject) => {
      client.#socket.once('connect', resolve);
      client.#socket.once('error', reject);
    });
    client.#socket.on('data', (chunk) => client.#take(chunk));
    const answered = new Promise((resolve) => {
      client.onPackets = ({ last }) => last === (subscribe ? 9 : 2) && resolve();
    });
    const clientId = `load-${Math.random().toString(36).slice(2)}`;
    client.#write({ cmd: 'connect', clientId, clean: true, keepalive: 0 });
    if (subscribe !== null) {
      const subscriptions = [{ topic: subscribe, qos }];
      client.#write({ cmd: 'subscribe', messageId: 1, subscriptions });
    }
    await answered;
    client.onPackets = () => undefined;
    return client;
  }

  publish(packets) {
    this.#socket.write(packets);
  }

  close() {
    this.#socket.destroy();
  }

  #write(packet) {
    this.#socket.write(mqttPacket.generate(packet));
  }

  #take(chunk) {
    const found = this.#counter.take(chunk);
    if (this.#acknowledges && found.ids.length > 0) {
      const acks = Buffer.allocUnsafe(found.ids.length * 4);
      found.ids.forEach((id, i) => acks.writeUInt32BE(0x40020000 + id, i * 4));
      this.#socket.write(acks);
    }
    this.onPackets(found);
  }
}

/** Finds packets in a stream; keeps the packet that is not complete yet. */
class PacketCounter {
  #rest = Buffer.alloc(0);

  take(chunk) {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const found = { publishes: 0, pubacks: 0, ids: [], last: 0 };
    let at = 0;
    for (;;) {
      let lengthBytes = 0;
      let length = 0;
      let more = true;
      while (more && at + 1 + lengthBytes < bytes.length) {
        const digit = bytes[at + 1 + lengthBytes];
        length += (digit & 0x7f) << (7 * lengthBytes);
        lengthBytes += 1;
        more = digit >= 0x80;
      }
      const start = at + 1 + lengthBytes;
      if (more || start + length > bytes.length) break;
      found.last = bytes[at] >> 4;
      if (found.last === 3) {
        found.publishes += 1;
        if ((bytes[at] & 0x06) !== 0) {
          found.ids.push(bytes.readUInt16BE(start + 2 + bytes.readUInt16BE(start)));
        }
      } else if (found.last === 4) found.pubacks += 1;
      at = start + length;
    }
    this.#rest = bytes.subarray(at);
    return found;
  }
}
