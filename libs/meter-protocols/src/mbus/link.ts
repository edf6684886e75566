import { encodeLongFrame } from '../framing/wired-mbus-frame.js';

/** Control bytes (EN 13757-2 §5.7). */
const initialise = 0x40;
const requestData = 0x5b;
const sendData = 0x53;
const frameCountBit = 0x20;
/** A meter's frame has this direction bit clear. */
const fromMasterBit = 0x40;

export const acknowledge = 0xe5;
export const shortFrameStart = 0x10;
export const shortFrameBytes = 5;
const frameStop = 0x16;
/** Address of the meter that was selected by its identification. */
export const selectedAddress = 0xfd;
const selectInformation = 0x52;

export const isFromMaster = (control: number): boolean => (control & fromMasterBit) !== 0;

/** SND_NKE: the meter forgets the frame count and that it was selected. */
export const encodeReset = (address: number): Uint8Array => shortFrame(initialise, address);

/** REQ_UD2: the meter sends the next telegram where the frame count bit has changed. */
export const encodeRequest = (address: number, frameCount: boolean): Uint8Array =>
  shortFrame(frameCount ? requestData | frameCountBit : requestData, address);

/** Selects by identification, maker, version and medium; digits F match any. */
export function encodeSelection(secondary: Uint8Array): Uint8Array {
  return encodeLongFrame(
    {
      control: sendData,
      address: selectedAddress,
      controlInformation: selectInformation,
    },
    secondary,
  );
}

function shortFrame(control: number, address: number): Uint8Array {
  const sum = (control + address) & 0xff;
  return Uint8Array.of(shortFrameStart, control, address, sum, frameStop);
}

/** Whether a whole short frame stands at the start of these bytes. */
export const isShortFrame = (bytes: Uint8Array): boolean =>
  bytes[0] === shortFrameStart &&
  bytes[4] === frameStop &&
  ((bytes[1]! + bytes[2]!) & 0xff) === bytes[3];

/** Where a meter is found: by its address on the bus, or by what is printed on it. */
export type BusAddress =
  | { readonly kind: 'primary'; readonly address: number }
  | { readonly kind: 'secondary'; readonly bytes: Uint8Array };

const primaryMax = 250;
/** Any address: the only meter on the line answers. */
export const anyAddress = 0xfe;
const secondaryForm = /^[0-9A-Fa-f]{8}(?:[0-9A-Fa-f]{8})?$/;

/**
 * `1` to `250`; eight digits, the identification (F for any digit); or sixteen, with maker, version
 * and medium as the bus carries them. Nothing at all means the only meter. A sentence otherwise.
 */
export function readBusAddress(text: string | undefined): BusAddress | string {
  if (text === undefined || text === '') return { kind: 'primary', address: anyAddress };
  if (/^\d{1,3}$/.test(text) && Number(text) <= primaryMax) {
    return { kind: 'primary', address: Number(text) };
  }
  if (!secondaryForm.test(text)) {
    return `"${text}" is no M-Bus address: 0 to ${primaryMax}, or 8 or 16 digits`;
  }
  const digits = text.padEnd(16, 'F').match(/../g)!;
  const bytes = digits.map((pair) => parseInt(pair, 16));
  // The bus carries the last digits of the identification first.
  return {
    kind: 'secondary',
    bytes: Uint8Array.from([...bytes.slice(0, 4).reverse(), ...bytes.slice(4)]),
  };
}
