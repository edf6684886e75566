import { decodePayload, type Params, type Topic } from '@wattbus/mqtt-contract';
import { connectAsync, type MqttClient } from 'mqtt';

/** Somebody on the bus who listens and speaks: for tests of a service from outside. */
export interface Person {
  readonly client: MqttClient;
  /** All payloads of the topic from now on (retained ones first); grows as they come. */
  hear<P>(topic: Topic<P>, params?: Params): Promise<P[]>;
  say<P>(topic: Topic<P>, params: Params, payload: P): Promise<void>;
  leave(): Promise<void>;
}

export async function joinBus(
  url: string,
  root = 'energy',
  account: { username?: string; password?: string } = {},
): Promise<Person> {
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 200, ...account });
  client.setMaxListeners(100);
  return {
    client,
    hear: async <P>(topic: Topic<P>, params: Params = {}) => {
      const heard: P[] = [];
      client.on('message', (name, bytes) => {
        const actual = topic.match(root, name);
        const fits =
          actual && Object.entries(params).every(([key, value]) => actual[key] === value);
        if (!fits || bytes.length === 0) return;
        const decoded = decodePayload(topic, bytes);
        if (!decoded.ok) throw new Error(`${name} breaks the contract: ${decoded.reason}`);
        heard.push(decoded.payload);
      });
      await client.subscribeAsync(topic.filter(root, params), { qos: topic.row.qos });
      return heard;
    },
    say: async (topic, params, payload) => {
      const text = topic.row.encoding === 'json' ? JSON.stringify(payload) : String(payload);
      await client.publishAsync(topic.topic(root, params), text, {
        qos: topic.row.qos,
        retain: topic.row.retain,
      });
    },
    leave: () => client.endAsync(true),
  };
}
