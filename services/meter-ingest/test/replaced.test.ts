import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestBroker, until } from '@wattbus/testing';
import { lineOpen, startWithCable, telegram, type Rig } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What is on the bus of the main meter, in its order, each once. */
async function listen(rig: Rig): Promise<() => readonly string[]> {
  const said: string[] = [];
  rig.person.client.on('message', (topic, bytes) => {
    if (topic === 'energy/meter/main/event') said.push('replaced');
    if (topic === 'energy/meter/main/energyImportWh') said.push(bytes.toString());
  });
  await rig.hear(topics.meterQuantity, { meter: 'main', quantity: 'energyImportWh' });
  return () => said.filter((one, i) => one !== said[i - 1]);
}

test('a meter replaced while nobody read it is told before its register falls', async () => {
  const { rig, cable } = await startWithCable(ends);
  const said = await listen(rig);
  const events = await rig.hear(topics.meterEvent, { meter: 'main' });
  await cable.write(telegram(1));
  await until('the register', () => said().includes('3000001'));
  await rig.restart();
  await lineOpen(rig);
  const measured = { energyImportTariff1Wh: 5, energyImportTariff2Wh: 0 };
  await cable.write(telegram(2, 0, { meterId: 'E0000000000000002', measured }));
  await until('the new register', () => said().includes('5'));
  expect(events).toMatchObject([
    { kind: 'replaced', detail: expect.stringMatching(/E0000000000000002; before .*0001/) },
  ]);
  expect(said()).toEqual(['3000001', 'replaced', '5']);
});

test('a meter without a serial number is replaced when readings agree, over a restart', async () => {
  const { rig, cable } = await startWithCable(ends);
  const said = await listen(rig);
  const events = await rig.hear(topics.meterEvent, { meter: 'main' });
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  const nameless = { meterId: '' };
  await cable.write(telegram(1, 0, nameless));
  await until('the register', () => said().includes('3000001'));
  const fallen = async (n: number): Promise<void> => {
    const measured = { energyImportTariff1Wh: n, energyImportTariff2Wh: 0 };
    await cable.write(telegram(n, 0, { ...nameless, measured }));
    await until('the reading, which is raw', () => readings.at(-1)!.energyImportWh === n);
  };
  await fallen(2);
  await fallen(3);
  // Whoever starts now says at once what the register is believed to be.
  await rig.restart();
  await lineOpen(rig);
  await fallen(4);
  await until('the new register', () => said().includes('4'));
  expect(said()).toEqual(['3000001', 'replaced', '4']);
  expect(events).toMatchObject([
    { kind: 'replaced', detail: expect.stringMatching(/energyImportWh, from 3000001 to 2/) },
  ]);
});

test('an event that waits for the broker outlives a stop', async () => {
  const { rig, cable } = await startWithCable(ends);
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  await cable.write(telegram(1));
  await until('the reading', () => readings.length === 1);
  const before = rig.counter('readingsAccepted');
  await rig.broker.stop();
  await until('the broker to be gone', () => !rig.service.context.bus.connected);
  await cable.write(telegram(2, 0, { meterId: 'E0000000000000002' }));
  await until('the new meter', () => rig.counter('readingsAccepted') > before);
  await rig.stop();
  const again = await startTestBroker(rig.broker.port);
  ends.push(() => again.stop());
  const person = await joinBus(again.url);
  ends.push(() => person.leave());
  const events = await person.hear(topics.meterEvent, { meter: 'main' });
  await rig.start();
  await until('the event', () => events.length === 1);
  expect(events).toMatchObject([{ kind: 'replaced', detail: expect.stringMatching(/0002/) }]);
  // It was acknowledged, so that the next start has nothing to say.
  const states = await person.hear(topics.meterState, { meter: 'main' });
  await rig.restart();
  await until('the line to be open', () => states.some(({ reason }) => /waiting/.test(reason)));
  expect(events).toHaveLength(1);
});
