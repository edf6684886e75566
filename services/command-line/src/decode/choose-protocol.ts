import { isFault, type Fault, type FaultCode, type Telegram } from '@wattbus/energy-model';
import { protocols, type DecoderOptions, type MeterProtocol } from '@wattbus/meter-protocols';
import { decodeWhole } from './decode-bytes.js';

/** Which protocol the bytes are of, and in which form they make sense. */
export interface Choice {
  readonly protocol: MeterProtocol;
  readonly bytes: Uint8Array;
  /** Checksums were right; it could be read without; or only faults show what it may be. */
  readonly basis: 'checked' | 'read' | 'faults';
}

/** The first telegrams decide; a long recording is not read a dozen times. */
const sampleBytesMax = 512 * 1024;

/** These take text that is not theirs, so that they are asked when no other protocol fits. */
const freeForms: readonly string[] = ['json', 'text-line'];
/** Any byte is a pulse: only who connected the line knows. */
const neverChosen: readonly string[] = ['pulse'];

interface Attempt {
  readonly protocol: MeterProtocol;
  readonly bytes: Uint8Array;
  readonly telegrams: readonly Telegram[];
  readonly faults: readonly Fault[];
}

/**
 * Finds the protocol by letting every decoder read the bytes in each of their forms. What has been
 * checked decides, by the number of values; then what could be read if damage were overlooked;
 * then the free forms of text; and last which faults sound most like a protocol recognised.
 * With `asked` only the form is looked for. Null where the bytes are of no protocol.
 */
export function chooseProtocol(
  forms: readonly Uint8Array[],
  options: DecoderOptions,
  asked?: MeterProtocol,
): Choice | null {
  const strong = asked ? [asked] : protocols.filter(isStrong);
  const strict = attempts(forms, options, strong);
  const checked = best(strict, ({ telegrams }) => {
    const right = telegrams.filter(isChecked);
    return right.length + registersIn(right);
  });
  if (checked) return { ...checked, basis: 'checked' };
  const likely = best(attempts(forms, { ...options, lenient: true }, strong), likelihood);
  if (likely) return { ...likely, basis: 'read' };
  const free = asked ? [] : protocols.filter(({ name }) => freeForms.includes(name));
  const line = best(attempts(forms, options, free), ({ telegrams, faults }) =>
    telegrams.length > faults.length ? registersIn(telegrams) : 0,
  );
  if (line) return { ...line, basis: 'read' };
  const recognised = best(strict, recognition);
  return recognised && { ...recognised, basis: 'faults' };
}

const isStrong = ({ name }: MeterProtocol): boolean =>
  !freeForms.includes(name) && !neverChosen.includes(name);

const isChecked = ({ checked }: Telegram): boolean => checked;

function attempts(
  forms: readonly Uint8Array[],
  options: DecoderOptions,
  candidates: readonly MeterProtocol[],
): Attempt[] {
  return forms.flatMap((bytes) =>
    candidates.map((protocol) => {
      const results = decodeWhole(protocol, options, bytes.subarray(0, sampleBytesMax));
      return {
        protocol,
        bytes,
        telegrams: results.filter((result): result is Telegram => !isFault(result)),
        faults: results.filter(isFault),
      };
    }),
  );
}

/** The attempt of the highest score above 0; the first of equals. */
function best(all: readonly Attempt[], scoreOf: (attempt: Attempt) => number) {
  let found: Pick<Choice, 'protocol' | 'bytes'> | null = null;
  let highest = 0;
  for (const attempt of all) {
    const score = scoreOf(attempt);
    if (score <= highest) continue;
    highest = score;
    found = { protocol: attempt.protocol, bytes: attempt.bytes };
  }
  return found;
}

const registersIn = (telegrams: readonly Telegram[]): number =>
  telegrams.reduce((sum, { registers }) => sum + registers.length, 0);

/** Warnings and faults show that the bytes are read as what they are not. */
function likelihood(attempt: Attempt): number {
  const { telegrams, faults } = attempt;
  const values = registersIn(telegrams);
  if (values === 0) return 0;
  const warnings = telegrams.reduce((sum, telegram) => sum + telegram.warnings.length, 0);
  const broken = faults.filter(({ fault }) => fault !== 'noise' && fault !== 'truncated').length;
  const share = values / (1 + (warnings + broken) / (4 * values));
  return isForeign(attempt) ? share * foreignShare : share;
}

/** Enough for text that only the other decoder reads at all. */
const foreignShare = 0.01;

/** DSMR P1 5.0.2, §6.4: `A-B:C.D.E(`. */
const p1Line = /^[ \t]*\d-\d+:\d+\.\d+\.\d+\(/gm;
/** IEC 62056-21, §6.5: the groups A, B and F may be there or not; some codes have letters. */
const readOutLine = /^[ \t]*\x02?(?:(?:\d-\d+:)?[0-9A-FLP.]+\*\d+|[0-9A-FLP]+\.[0-9A-F.]+)\(/gm;

/**
 * P1 grew out of IEC 62056-21 mode D: either decoder reads much of the other's text, and nothing
 * is checked to decide. So the codes do, and STX, which P1 does not have.
 */
function isForeign({ protocol: { name }, bytes }: Attempt): boolean {
  if (name !== 'dsmr' && name !== 'iec62056-21') return false;
  // Both are of seven bits; the eighth may hold the parity.
  const text = Buffer.from(bytes.subarray(0, sampleBytesMax)).toString('ascii');
  const [p1Lines, readOutLines] = [p1Line, readOutLine].map(
    (pattern) => text.match(pattern)?.length ?? 0,
  );
  const isP1 = p1Lines! > readOutLines! && !text.includes('\x02');
  return isP1 !== (name === 'dsmr');
}

/** How surely a fault shows that its protocol was recognised, after damage was overlooked. */
const faultRanks: Readonly<Record<FaultCode, number>> = {
  decryption: 6,
  unsupported: 4,
  malformed: 4,
  checksum: 3,
  truncated: 2.5,
  oversize: 2,
  noise: 0,
};

/** A frame of M-Bus was checked before its content is; one of Modbus has nothing to know it by. */
const rankFactors: Readonly<Record<string, number>> = { mbus: 1.2, modbus: 0.2 };

/** The kind of fault decides, then how early it is: what is inside of another frame comes later. */
function recognition({ protocol, faults }: Attempt): number {
  let highest = 0;
  for (const { fault, offset } of faults) {
    if (fault === 'noise') continue;
    highest = Math.max(highest, faultRanks[fault] + 0.3 / (1 + offset));
  }
  return highest * (rankFactors[protocol.name] ?? 1);
}
