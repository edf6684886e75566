import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Rights } from './domain/access.js';
import { FailedLogins } from './domain/failed-logins.js';
import { hashPassword, verifyPassword } from './password.js';

export interface Account {
  readonly role: string;
  readonly hash: string;
  /** Its own, where they are less than those of its role. */
  readonly rights?: Rights;
}

export type SignInVerdict =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly kind: 'signInWrong' | 'signInLimited' | 'signInBusy' };

/** Of the four threads that also write files, two may be busy with passwords. */
const CHECKS_AT_ONCE_MAX = 2;
const CHECKS_WAITING_MAX = 64;
/** A password that was right is known again for this long, so that reconnects cost nothing. */
const KNOWN_MS = 60_000;
const ADDRESS_LIMIT = { failuresMax: 10, windowMs: 60_000 };
/** A proxy speaks for many people. */
const PROXY_LIMIT = { failuresMax: 200, windowMs: 60_000 };

/** Checks user names and passwords, bounded in rate for each address and in work at once. */
export class SignIn {
  readonly #accounts: ReadonlyMap<string, Account>;
  readonly #secret = randomBytes(32);
  readonly #known = new Map<string, { mac: Buffer; untilMs: number }>();
  readonly #failedHere = new FailedLogins(ADDRESS_LIMIT);
  readonly #failedBehindProxy = new FailedLogins(PROXY_LIMIT);
  readonly #waiting: (() => void)[] = [];
  /** Checked for unknown users, so that they take as long as known ones. */
  readonly #nobody: Promise<string> = hashPassword(randomBytes(16).toString('hex'));
  #checking = 0;

  constructor(accounts: ReadonlyMap<string, Account>) {
    this.#accounts = accounts;
  }

  /**
   * `address` is the socket's; `forwardedFor` is whom a proxy there says it speaks for. A client
   * could make that up, so both are limited.
   */
  async check(
    from: { readonly address: string; readonly forwardedFor: string | null },
    user: string,
    password: Buffer,
  ): Promise<SignInVerdict> {
    const account = this.#accounts.get(user);
    const mac = createHmac('sha256', this.#secret).update(password).digest();
    // Before the limit: whoever guesses behind a proxy must not lock the others there out.
    if (account !== undefined && this.#isKnown(user, mac)) return { ok: true, account };
    if (this.#isBlocked(from)) return { ok: false, kind: 'signInLimited' };
    if (this.#waiting.length >= CHECKS_WAITING_MAX) return { ok: false, kind: 'signInBusy' };
    const right = await this.#verify(password, account?.hash ?? (await this.#nobody));
    if (account === undefined || !right) {
      this.#addFailure(from);
      return { ok: false, kind: 'signInWrong' };
    }
    this.#known.set(user, { mac, untilMs: performance.now() + KNOWN_MS });
    return { ok: true, account };
  }

  #isKnown(user: string, mac: Buffer): boolean {
    const known = this.#known.get(user);
    return (
      known !== undefined && known.untilMs > performance.now() && timingSafeEqual(known.mac, mac)
    );
  }

  #isBlocked({ address, forwardedFor }: { address: string; forwardedFor: string | null }): boolean {
    const nowMs = performance.now();
    return forwardedFor === null
      ? this.#failedHere.isBlocked(address, nowMs)
      : this.#failedHere.isBlocked(forwardedFor, nowMs) ||
          this.#failedBehindProxy.isBlocked(address, nowMs);
  }

  #addFailure({ address, forwardedFor }: { address: string; forwardedFor: string | null }): void {
    const nowMs = performance.now();
    this.#failedHere.add(forwardedFor ?? address, nowMs);
    if (forwardedFor !== null) this.#failedBehindProxy.add(address, nowMs);
  }

  async #verify(password: Buffer, hash: string): Promise<boolean> {
    if (this.#checking >= CHECKS_AT_ONCE_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#checking += 1;
    try {
      return await verifyPassword(password, hash);
    } finally {
      this.#checking -= 1;
      this.#waiting.shift()?.();
    }
  }
}
