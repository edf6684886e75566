/**
 * TIC frames of French meters decoded per second on one core, each group's checksum checked. The
 * decoders on npm are tied to a serial port, so there is no peer to run.
 */
import { encodeTic, measurementsOf, protocolNamed } from '@wattbus/meter-protocols';

const runs = 5;
const framesPerRun = 20_000;
const frames = 1_000;
const number = (value, digits) => String(value).padStart(digits, '0');

const subjects = [
  ['historique, off-peak', historiqueAt],
  ['standard, single phase', standardAt],
];

console.log(`TIC frames, best of ${runs} runs`);
for (const [name, frameAt] of subjects) {
  const stream = Array.from({ length: frames }, (_, second) => frameAt(second));
  const bytes = Math.round(Buffer.concat(stream).length / frames);
  for (const [how, use] of [
    ['frames', () => {}],
    ['with measurements', measurementsOf],
  ]) {
    const perSecond = bestOf(stream, use);
    console.log(
      `${`${name}, ${how}`.padEnd(44)} ${String(bytes).padStart(4)} bytes` +
        ` ${Math.round(perSecond).toLocaleString('en').padStart(9)} frames/s` +
        ` ${(1e6 / perSecond).toFixed(2).padStart(7)} µs/frame`,
    );
  }
}

function bestOf(stream, use) {
  let best = 0;
  for (let turn = 0; turn < runs; turn += 1) {
    const decoder = protocolNamed('tic').decoder({ standardOffsetMinutes: 60 });
    const started = performance.now();
    let done = 0;
    for (; done < framesPerRun; done += stream.length) {
      for (const frame of stream) {
        const [telegram] = decoder.push(frame);
        if (!telegram.checked) throw new Error('the decoder refused a good frame');
        use(telegram);
      }
    }
    best = Math.max(best, (done / (performance.now() - started)) * 1_000);
  }
  return best;
}

function historiqueAt(second) {
  return encodeTic({
    mode: 'historique',
    groups: [
      { label: 'ADCO', data: '021528603947' },
      { label: 'OPTARIF', data: 'HC..' },
      { label: 'ISOUSC', data: '45' },
      { label: 'HCHC', data: '000837362' },
      { label: 'HCHP', data: number(2_035_628 + second, 9) },
      { label: 'PTEC', data: 'HP..' },
      { label: 'IINST', data: number(second % 40, 3) },
      { label: 'IMAX', data: '042' },
      { label: 'PAPP', data: number(190 + second, 5) },
      { label: 'HHPHC', data: 'A' },
      { label: 'MOTDETAT', data: '000000' },
    ],
  });
}

function standardAt(second) {
  const at = new Date(Date.UTC(2026, 0, 15, 12, 0, second)).toISOString().slice(0, 19) + '+01:00';
  const indexes = Array.from({ length: 10 }, (_, index) => ({
    label: `EASF${number(index + 1, 2)}`,
    data: number(index < 2 ? 15_643_112 + second : 0, 9),
  }));
  return encodeTic({
    mode: 'standard',
    groups: [
      { label: 'ADSC', data: '041876512349' },
      { label: 'VTIC', data: '02' },
      { label: 'DATE', at, data: '' },
      { label: 'NGTF', data: '      BASE      ' },
      { label: 'LTARF', data: '      BASE      ' },
      { label: 'EAST', data: number(27_553_175 + second, 9) },
      ...indexes,
      { label: 'EASD01', data: '010028696' },
      { label: 'EASD02', data: '008310713' },
      { label: 'IRMS1', data: '002' },
      { label: 'URMS1', data: number(230 + (second % 9), 3) },
      { label: 'PREF', data: '12' },
      { label: 'PCOUP', data: '12' },
      { label: 'SINSTS', data: number(1_198 + (second % 100), 5) },
      { label: 'SMAXSN', at, data: '07337' },
      { label: 'SMAXSN-1', at, data: '05487' },
      { label: 'CCASN', at, data: '00750' },
      { label: 'CCASN-1', at, data: '02490' },
      { label: 'UMOY1', at, data: '232' },
      { label: 'STGE', data: '003A4001' },
      { label: 'MSG1', data: 'PAS DE          MESSAGE         ' },
      { label: 'PRM', data: '25203473204149' },
      { label: 'RELAIS', data: '000' },
      { label: 'NTARF', data: '01' },
      { label: 'NJOURF', data: '00' },
      { label: 'NJOURF+1', data: '00' },
    ],
  });
}
