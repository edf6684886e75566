const POLL_MS = 10;

/**
 * Waits until the condition gives something truthy and returns it; fails after `limitMs` with
 * `what`. The limit is generous on purpose: it ends a hang, it does not measure speed.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = 45_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
