/** How the data of a group are written (Enedis-NOI-CPT_54E, §6.1.2 and §6.2.4). */
export interface GroupForm {
  /** `code`: capitals, digits and signs; `words`: blanks too; `text`: small letters too. */
  readonly kind: 'number' | 'code' | 'words' | 'text';
  /** Width of the field, where it is fixed. */
  readonly characters?: number;
  readonly unit?: string;
  /** Where an OBIS code means the same (IEC 62056-6-1). */
  readonly obis?: string;
}

/** `DATE` has a time and no data: the meter's clock. */
export const clockLabel = 'DATE';
export const statusLabel = 'STGE';
export const optionLabel = 'OPTARIF';
export const idLabels: readonly string[] = ['ADCO', 'ADSC'];
/** Fields of fixed width that are filled up with dots, as `TH..` and `HC..`. */
export const dottedLabels: readonly string[] = [optionLabel, 'PTEC'];

const number = (characters: number, unit?: string, obis?: string): GroupForm => ({
  kind: 'number',
  characters,
  ...(unit === undefined ? {} : { unit }),
  ...(obis === undefined ? {} : { obis }),
});
const code = (characters: number): GroupForm => ({ kind: 'code', characters });
const text: GroupForm = { kind: 'text' };
const energy = (obis?: string): GroupForm => number(9, 'Wh', obis);
const apparentPower = (obis?: string): GroupForm => number(5, 'VA', obis);

/** The same form for `LABEL1` to `LABELn`, the OBIS code made from the number. */
function numbered(label: string, count: number, form: (index: number) => GroupForm) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${label}${index + 1}`, form(index + 1)]),
  );
}

const twoDigits = (label: string, count: number, form: (index: number) => GroupForm) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `${label}${String(index + 1).padStart(2, '0')}`,
      form(index + 1),
    ]),
  );

/** C group of a quantity by phase: L1 is `first`, each further phase 20 more. */
const phase = (first: number, index: number): string => `1-0:${first + 20 * (index - 1)}.7.0`;

const historique: Readonly<Record<string, GroupForm>> = {
  ADCO: code(12),
  OPTARIF: code(4),
  ISOUSC: number(2, 'A'),
  BASE: energy('1-0:1.8.0'),
  HCHC: energy('1-0:1.8.1'),
  HCHP: energy('1-0:1.8.2'),
  EJPHN: energy('1-0:1.8.1'),
  EJPHPM: energy('1-0:1.8.2'),
  BBRHCJB: energy('1-0:1.8.1'),
  BBRHPJB: energy('1-0:1.8.2'),
  BBRHCJW: energy('1-0:1.8.3'),
  BBRHPJW: energy('1-0:1.8.4'),
  BBRHCJR: energy('1-0:1.8.5'),
  BBRHPJR: energy('1-0:1.8.6'),
  PEJP: number(2, 'min'),
  PTEC: { ...code(4), obis: '0-0:96.14.0' },
  DEMAIN: code(4),
  IINST: number(3, 'A', '1-0:11.7.0'),
  ...numbered('IINST', 3, (index) => number(3, 'A', phase(31, index))),
  IMAX: number(3, 'A'),
  ...numbered('IMAX', 3, () => number(3, 'A')),
  ADPS: number(3, 'A'),
  ...numbered('ADIR', 3, () => number(3, 'A')),
  PMAX: number(5, 'W'),
  PAPP: apparentPower('1-0:9.7.0'),
  HHPHC: code(1),
  MOTDETAT: code(6),
  PPOT: code(2),
};

const standard: Readonly<Record<string, GroupForm>> = {
  ADSC: code(12),
  VTIC: code(2),
  [clockLabel]: code(0),
  NGTF: text,
  LTARF: text,
  EAST: energy('1-0:1.8.0'),
  ...twoDigits('EASF', 10, (index) => energy(`1-0:1.8.${index}`)),
  // The grid operator's own split of the same energy: no code of its own.
  ...twoDigits('EASD', 4, () => energy()),
  EAIT: energy('1-0:2.8.0'),
  ...numbered('ERQ', 4, (index) => number(9, 'varh', `1-0:${index + 4}.8.0`)),
  ...numbered('IRMS', 3, (index) => number(3, 'A', phase(31, index))),
  ...numbered('URMS', 3, (index) => number(3, 'V', phase(32, index))),
  PREF: number(2, 'kVA'),
  PCOUP: number(2, 'kVA'),
  SINSTS: apparentPower('1-0:9.7.0'),
  ...numbered('SINSTS', 3, (index) => apparentPower(phase(29, index))),
  SINSTI: apparentPower('1-0:10.7.0'),
  SMAXSN: apparentPower(),
  ...numbered('SMAXSN', 3, () => apparentPower()),
  'SMAXSN-1': apparentPower(),
  'SMAXSN1-1': apparentPower(),
  'SMAXSN2-1': apparentPower(),
  'SMAXSN3-1': apparentPower(),
  SMAXIN: apparentPower(),
  'SMAXIN-1': apparentPower(),
  CCASN: number(5, 'W'),
  'CCASN-1': number(5, 'W'),
  CCAIN: number(5, 'W'),
  'CCAIN-1': number(5, 'W'),
  ...numbered('UMOY', 3, () => number(3, 'V')),
  [statusLabel]: code(8),
  ...numbered('DPM', 3, () => code(2)),
  ...numbered('FPM', 3, () => code(2)),
  MSG1: text,
  MSG2: text,
  PRM: code(14),
  RELAIS: code(3),
  NTARF: { ...number(2), obis: '0-0:96.14.0' },
  NJOURF: number(2),
  'NJOURF+1': number(2),
  'PJOURF+1': { kind: 'words' },
  PPOINTE: { kind: 'words' },
};

export const groupForms: ReadonlyMap<string, GroupForm> = new Map(
  Object.entries({ ...historique, ...standard }),
);

/** The registers that belong to a tariff option (`OPTARIF`), so that a lost one is noticed. */
export const optionRegisters: readonly {
  readonly option: string;
  readonly labels: readonly string[];
}[] = [
  { option: 'HC', labels: ['HCHC', 'HCHP'] },
  { option: 'EJP', labels: ['EJPHN', 'EJPHPM'] },
  {
    option: 'BBR',
    labels: ['BBRHCJB', 'BBRHPJB', 'BBRHCJW', 'BBRHPJW', 'BBRHCJR', 'BBRHPJR'],
  },
];
