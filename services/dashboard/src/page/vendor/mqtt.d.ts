/** The part of mqtt.js' browser bundle that the page uses; the service serves it here. */

export interface ConnectOptions {
  readonly protocolVersion: 4;
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepalive: number;
  readonly connectTimeout: number;
  readonly reconnectPeriod: number;
  readonly resubscribe: boolean;
  readonly queueQoSZero: boolean;
  readonly timerVariant: 'native';
  readonly username?: string;
  readonly password?: string;
}

export interface MqttClient {
  readonly connected: boolean;
  on(event: 'connect' | 'close', handle: () => void): this;
  on(event: 'error', handle: (error: Error & { code?: number }) => void): this;
  on(
    event: 'message',
    handle: (topic: string, payload: Uint8Array, packet: { retain: boolean }) => void,
  ): this;
  subscribe(
    filters: Record<string, { qos: 0 | 1 }>,
    done: (error: (Error & { code?: number }) | null) => void,
  ): this;
  publish(topic: string, payload: string, options: { qos: 0 | 1 }): this;
  end(force: boolean): this;
}

declare const mqtt: { connect(url: string, options: ConnectOptions): MqttClient };
export default mqtt;
