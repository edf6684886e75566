import type { MqttClient } from 'mqtt';

/**
 * What is written in one turn of the event loop goes out in one system call: else each
 * acknowledgement of a message costs one, a third of a busy consumer's time.
 */
export function writeOncePerTurn(stream: MqttClient['stream']): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let corked = false;
  stream.write = ((...args: unknown[]) => {
    if (!corked) {
      corked = true;
      stream.cork();
      setImmediate(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...args);
  }) as typeof stream.write;
}
