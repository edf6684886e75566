import type { RefusalKind } from './connection.js';

/** How a connection ended, where the broker's own guards did not end it; each is a counter. */
export type Ending = RefusalKind | 'connectionsLost' | 'keepaliveTimeout';

const byText: readonly { readonly text: RegExp; readonly ending: Ending }[] = [
  { text: /^connect did not arrive in time$/, ending: 'connectTimeout' },
  { text: /^keep alive timeout$/, ending: 'keepaliveTimeout' },
  { text: /^drain timeout$/, ending: 'slowClosed' },
  { text: /^Max payload size exceeded$/, ending: 'oversize' },
  { text: /^(connection closed|Premature close)$/, ending: 'connectionsLost' },
];

/** What an error of the transport or of the parser means; what is not known is bad input. */
export function endOf(error: Error & { code?: string }): Ending {
  const known = byText.find(({ text }) => text.test(error.message));
  if (known !== undefined) return known.ending;
  return /^(E[A-Z]+|ERR_STREAM_\w+)$/.test(error.code ?? '') ? 'connectionsLost' : 'malformed';
}
