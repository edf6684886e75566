import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { lineOpen, startWithCable, telegram } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('a meter replaced while nobody read it is told before its register falls', async () => {
  const { rig, cable } = await startWithCable(ends);
  // In the order in which they are on the bus.
  const said: string[] = [];
  rig.person.client.on('message', (topic, bytes) => {
    if (topic === 'energy/meter/main/event') said.push('replaced');
    if (topic === 'energy/meter/main/energyImportWh') said.push(bytes.toString());
  });
  const events = await rig.hear(topics.meterEvent, { meter: 'main' });
  await rig.hear(topics.meterQuantity, { meter: 'main', quantity: 'energyImportWh' });
  await cable.write(telegram(1));
  await until('the register', () => said.includes('3000001'));
  await rig.restart();
  await lineOpen(rig);
  const measured = { energyImportTariff1Wh: 5, energyImportTariff2Wh: 0 };
  await cable.write(telegram(2, 0, { meterId: 'E0000000000000002', measured }));
  await until('the new register', () => said.includes('5'));
  expect(events).toMatchObject([
    { kind: 'replaced', detail: expect.stringMatching(/E0000000000000002; before .*0001/) },
  ]);
  expect(said.filter((one, i) => one !== said[i - 1])).toEqual(['3000001', 'replaced', '5']);
});
