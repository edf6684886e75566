/** A message to a Tasmota device: `cmnd/{topic}/{command}`. */
export interface TasmotaCommand {
  readonly command: string;
  readonly payload: string;
}

export const switchTo = (on: boolean): TasmotaCommand => ({
  command: 'POWER',
  payload: on ? 'ON' : 'OFF',
});

/** Asks for the state without changing it. An empty payload would do the same. */
export const askPower: TasmotaCommand = { command: 'POWER', payload: '?' };

/**
 * Lets the device switch itself off so long after its last ON. Tasmota counts 1 to 111 in tenths of
 * a second and from 112 on in seconds, with 100 added.
 */
export function deadMan(seconds: number): TasmotaCommand {
  const payload = seconds < 12 ? Math.min(111, seconds * 10) : seconds + 100;
  return { command: 'PulseTime1', payload: String(payload) };
}

/** What a `stat/{topic}/{result}` or `tele/{topic}/{telemetry}` says of the relay, or null. */
export function powerIn(name: string, payload: string): boolean | null {
  if (name === 'POWER' || name === 'POWER1') return states[payload] ?? null;
  if (name !== 'RESULT' && name !== 'STATE') return null;
  const said = parsed(payload);
  return states[String(said?.['POWER'] ?? said?.['POWER1'])] ?? null;
}

/** What a last will or its opposite says, or null for another message. */
export function onlineIn(name: string, payload: string): boolean | null {
  if (name !== 'LWT') return null;
  return { Online: true, Offline: false }[payload] ?? null;
}

const states: Readonly<Record<string, boolean>> = { ON: true, OFF: false };

function parsed(payload: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
