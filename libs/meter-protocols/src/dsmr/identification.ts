import type { Telegram } from '@wattbus/energy-model';

/** `XXX` manufacturer, a baud rate digit, an optional `\2` mode, then the meter's own name. */
const standardIdent = /^([A-Za-z]{3})\d(?:\\\d|\\|\p{Cc})?(.*)$/su;

/**
 * What the identification line says (IEC 62056-21, §6.3.2), without its leading `/`. A control
 * character in the place of `\2` is what gateways leave that forgot to escape the backslash.
 */
export function readIdentification(ident: string): Telegram['meter'] {
  const match = standardIdent.exec(ident);
  if (!match) return { model: ident.trim() };
  // A lower-case third letter only announces a short reaction time; the FLAG code is upper case.
  const manufacturer = match[1]!.toUpperCase();
  const model = match[2]!.trim();
  return model === '' ? { manufacturer } : { manufacturer, model };
}
