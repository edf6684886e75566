import { expect, test } from '@jest/globals';
import { mqttMeterKinds } from '@wattbus/meter-protocols';
import { accessRules } from '@wattbus/mqtt-contract';
import { deviceTopics, deviceTopicsOf } from './device-topics-of.js';

test.each(mqttMeterKinds.map(({ name, topics }) => [name, topics.length] as const))(
  'each topic of %s is one row of the contract, which ingest may hear',
  (name, count) => {
    const rows = deviceTopicsOf(name);
    expect(rows).toHaveLength(count);
    const { subscribe } = accessRules('energy')['meter-ingest'];
    for (const row of rows) expect(subscribe).toContain(row.filter('energy'));
  },
);

test('no row is left without a kind of device', () => {
  const used = new Set(mqttMeterKinds.flatMap(({ name }) => deviceTopicsOf(name)));
  expect(deviceTopics.filter((row) => !used.has(row))).toEqual([]);
});
