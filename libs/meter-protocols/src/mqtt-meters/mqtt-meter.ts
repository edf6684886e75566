import type { QuantityName, Register } from '@wattbus/energy-model';

/** A family of devices that publish their readings on MQTT by themselves. */
export interface MqttMeterKind {
  /** As configured: `tasmota`, `shelly-gen2` … */
  readonly name: string;
  readonly title: string;
  readonly manufacturer?: string;
  readonly topics: readonly MqttTopic[];
  readonly rows: readonly MqttRow[];
  /** Keys of texts that identify the device. */
  readonly idKey?: string;
  readonly modelKey?: string;
  /** Values may stand in a section that its owner has named: `*.Total_in` is one of any section. */
  readonly hasOwnSections?: boolean;
  /** Keys of numbers without a sign, and of the texts which say `producing` where it is negative. */
  readonly directions?: Readonly<Record<string, string>>;
  /** Meters behind the device, as registers of M-Bus channels. */
  readonly channels?: (content: unknown) => readonly Register[];
}

/**
 * Where a device publishes. Values are named by keys: what `+` stands for in the topic, then the
 * path in the payload, joined by dots: `em:0.a_act_power`, `ENERGY.Power.0`; a number alone has the
 * topic's part only: `0/power`.
 */
export interface MqttTopic {
  /** With `{device}` in the place of the configured name, which may have several levels. */
  readonly filter: string;
  readonly payload: 'json' | 'number';
  /** The part of a JSON payload that holds the values; all of it if left out. */
  readonly root?: string;
}

/**
 * What a quantity is made of: the sum of `plus` less the sum of `minus`, once all of them are
 * known. `{channel}` stands for the configured channel of a device. Of several rows of one quantity
 * the first that applies counts.
 */
export interface MqttRow {
  readonly quantity: QuantityName;
  /** As the device states it. */
  readonly unit?: string;
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
}

export const row = (
  quantity: QuantityName,
  unit: string | undefined,
  plus: string | readonly string[],
  minus?: string | readonly string[],
): MqttRow => ({
  quantity,
  ...(unit === undefined ? {} : { unit }),
  plus: [plus].flat(),
  ...(minus === undefined ? {} : { minus: [minus].flat() }),
});
