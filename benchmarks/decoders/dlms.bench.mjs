/**
 * DLMS pushes decoded per second on one core: each list, framing and ciphering as its meters send
 * it, made by our encoder. No DLMS push decoder is published on npm, so there is no peer to run.
 */
import { dlms } from '../../libs/meter-protocols/dist/dlms/dlms.protocol.js';
import { encodeCiphered } from '../../libs/meter-protocols/dist/dlms/ciphering.js';
import {
  encodeAidonPush,
  encodeAustrianPush,
  encodeBlockPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeKamstrupPush,
  encodeMbusPush,
} from '../../libs/meter-protocols/dist/dlms/encode.js';

const runs = 5;
const telegramsPerRun = 20_000;
const pushesPerStream = 50;
const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const authenticationKey = key.map((byte) => 0xd0 + byte);
const cipher = { systemTitle: Buffer.from('KFM12345'), invocationCounter: 7, key };
const at = '2026-01-15T12:00:00';

const powers = [1, 2, 3, 4].map((c) => ({ obis: `1-0:${c}.7.0`, value: 1_180 + c, unit: 'W' }));
const energies = [1, 2, 3, 4].map((c) => ({ obis: `1-0:${c}.8.0`, value: 10_049_926, unit: 'Wh' }));
const phases = [31, 51, 71].flatMap((c) => [
  { obis: `1-0:${c}.7.0`, value: 7.5, unit: 'A', scaler: -1 },
  { obis: `1-0:${c + 1}.7.0`, value: 230.7, unit: 'V', scaler: -1 },
]);
const list = [...powers, ...phases, ...energies];
const kaifaDetail = {
  id: '6970631400000000',
  model: 'MA304H3E',
  exportW: 0,
  reactiveImportVar: 0,
  reactiveExportVar: 64,
  currentsA: [1.416, 3.241, 3.119],
  voltagesV: [238.5, 0, 238.9],
};
const austrian = encodeAustrianPush(`${at}+01:00`, list, '181220000009');
const kamstrup = list.map((value) => ({ ...value, obis: value.obis.replace('1-0', '1-1') }));

const subjects = [
  ['Kaifa list 1, HDLC', encodeHdlcPush(encodeKaifaPush({ at, powerW: 948 }))],
  ['Kaifa list 2, HDLC', encodeHdlcPush(encodeKaifaPush({ at, powerW: 948, detail: kaifaDetail }))],
  ['Kamstrup, HDLC', encodeHdlcPush(encodeKamstrupPush(at, kamstrup))],
  ['Aidon, HDLC', encodeHdlcPush(encodeAidonPush(list, at))],
  ['Aidon, segmented HDLC', encodeHdlcPush(encodeAidonPush(list, at), 128)],
  [
    'Austria, M-Bus, encrypted',
    encodeMbusPush(encodeCiphered(austrian, { ...cipher, securityControl: 0x20 })),
  ],
  [
    'Landis+Gyr, blocks, authenticated',
    encodeBlockPush(
      encodeCiphered(austrian, { ...cipher, authenticationKey, securityControl: 0x30 }),
      119,
    ),
  ],
];

console.log(`DLMS pushes, best of ${runs} runs`);
for (const [name, push] of subjects) {
  const perSecond = bestOf(push);
  console.log(
    `${name.padEnd(34)} ${String(push.length).padStart(4)} bytes` +
      ` ${Math.round(perSecond).toLocaleString('en').padStart(9)} telegrams/s` +
      ` ${(1e6 / perSecond).toFixed(2).padStart(7)} µs/telegram`,
  );
}

function bestOf(push) {
  const stream = Buffer.concat(Array.from({ length: pushesPerStream }, () => push));
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const decoder = dlms.decoder({ standardOffsetMinutes: 60, key, authenticationKey });
    const started = performance.now();
    let done = 0;
    for (; done < telegramsPerRun; done += pushesPerStream) {
      const results = decoder.push(stream);
      if (results.length !== pushesPerStream || !results.every(({ checked }) => checked)) {
        throw new Error(`the decoder refused a good push: ${JSON.stringify(results[0])}`);
      }
    }
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}
