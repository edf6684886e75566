import { beforeAll, describe, expect, test } from '@jest/globals';
import { hashPassword, isPasswordHash, verifyPassword } from './password.js';
import { SignIn, type Account } from './sign-in.js';

const from = { address: '192.0.2.1', forwardedFor: null };
const right = Buffer.from('right');
let accounts: Map<string, Account>;

beforeAll(async () => {
  accounts = new Map([['anna', { role: 'viewer', hash: await hashPassword('right') }]]);
});

describe('password hashes', () => {
  test('are salted, and match their own password only', async () => {
    const [one, other] = [await hashPassword('right'), await hashPassword('right')];
    expect(one).not.toBe(other);
    expect(await verifyPassword(right, one)).toBe(true);
    expect(await verifyPassword(Buffer.from('wrong'), one)).toBe(false);
  });

  test.each(['', 'right', '$scrypt$ln=30,r=8,p=1$c2FsdA$a2V5a2V5a2V5a2V5a2V5', '$2b$12$abc'])(
    'are refused where they are none or would cost too much: %j',
    async (hash) => {
      expect(isPasswordHash(hash)).toBe(false);
      expect(await verifyPassword(right, hash)).toBe(false);
    },
  );
});

describe('SignIn', () => {
  test('gives the account with its role', async () => {
    const signIn = new SignIn(accounts);
    expect(await signIn.check(from, 'anna', right)).toMatchObject({
      ok: true,
      account: { role: 'viewer' },
    });
    expect(await signIn.check(from, 'anna', Buffer.from('x'))).toEqual({
      ok: false,
      kind: 'signInWrong',
    });
  });

  test('turns sign-ins away when too many wait, instead of queueing without end', async () => {
    const signIn = new SignIn(accounts);
    const verdicts = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        signIn.check({ ...from, address: `192.0.2.${i}` }, 'anna', Buffer.from(`guess ${i}`)),
      ),
    );
    const kinds = verdicts.map((one) => (one.ok ? 'ok' : one.kind));
    expect(kinds.filter((kind) => kind === 'signInBusy')).toHaveLength(34);
    expect(kinds.filter((kind) => kind === 'signInWrong')).toHaveLength(66);
  });

  test('limits a client behind a proxy by itself, and not the others there', async () => {
    const signIn = new SignIn(accounts);
    const guesser = { address: '172.18.0.5', forwardedFor: '192.0.2.66' };
    for (let i = 0; i < 10; i += 1) await signIn.check(guesser, 'anna', Buffer.from(`${i}`));
    expect(await signIn.check(guesser, 'anna', right)).toMatchObject({ kind: 'signInLimited' });
    const other = { address: '172.18.0.5', forwardedFor: '192.0.2.67' };
    expect(await signIn.check(other, 'anna', right)).toMatchObject({ ok: true });
  });
});
