import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { diskFiles, readText, writeWhole, type SecretFiles } from './secret-files.js';

const DAY_MS = 86_400_000;
const CA_DAYS = 3_650;
/** The longest that Apple's systems take from a CA of one's own. */
const SERVER_DAYS = 825;
/** Made anew when it has this long to live. */
const RENEW_DAYS = 60;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Names of services within `docker compose`, which are hosts there. */
const composeNames = ['broker', 'dashboard'] as const;

interface Authority {
  readonly certificate: X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** Under which names other machines may know this one. */
export function namesOfThisMachine(): string[] {
  const host = hostname().toLowerCase();
  const addresses = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one?.family === 'IPv4' && !one.internal)
    .map((one) => one!.address);
  const ownNames = /^[a-z0-9.-]+$/.test(host)
    ? [host, ...(host.includes('.') ? [] : [`${host}.local`])]
    : [];
  return ['localhost', '127.0.0.1', '::1', ...composeNames, ...ownNames, ...addresses];
}

/**
 * A CA of one's own (`ca.crt`, `ca.key`) and a certificate for the names (`server.crt`,
 * `server.key`), in PEM. The CA stays as it is; the certificate is made anew where a name is
 * missing in it, it is about to expire or its key is another one, and keeps the names that it has.
 * Returns its names, and which files were made. Throws where there is a certificate of another CA.
 */
export async function makeCertificates(
  dir: string,
  wanted: readonly string[],
  now: Date,
  files: SecretFiles = diskFiles,
): Promise<{ readonly names: readonly string[]; readonly made: readonly string[] }> {
  await files.makeDirectory(dir);
  const serverFile = join(dir, 'server.crt');
  const hasAuthority = (await files.read(join(dir, 'ca.crt'))) !== null;
  const text = await readText(files, serverFile);
  const current = text === null ? null : new X509Certificate(text);
  if (current !== null && !hasAuthority) {
    throw new Error(`${serverFile} is not from a CA in ${dir}; it stays as it is`);
  }
  const known = current === null ? [] : namesIn(current);
  const names = [...new Set([...known, ...wanted])];
  const restMs = (current?.notAfter.getTime() ?? 0) - now.getTime();
  const isGood = names.length === known.length && restMs > RENEW_DAYS * DAY_MS;
  const key = await readText(files, join(dir, 'server.key'));
  if (isGood && isPair(current!, key)) return { names, made: [] };
  if (!hasAuthority) await makeAuthority(dir, now, files);
  const authority = await readAuthority(dir, files);
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${names.find((name) => isIP(name) === 0) ?? names[0]!}`,
    issuer: authority.certificate.subject,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    ],
  });
  // Readable like the passwords beside it: a container's user is another than the folder's owner.
  await writeWhole(files, join(dir, 'server.key'), await pemOf(keys.privateKey), 0o644);
  await writeWhole(files, serverFile, `${certificate.toString('pem')}\n`, 0o644);
  const made = [...(hasAuthority ? [] : ['ca.crt', 'ca.key']), 'server.crt', 'server.key'];
  return { names, made };
}

async function makeAuthority(dir: string, now: Date, files: SecretFiles): Promise<void> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Wattbus ${randomBytes(3).toString('hex')}`,
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  // The key first: where the certificate is, the key is, too.
  await writeWhole(files, join(dir, 'ca.key'), await pemOf(keys.privateKey), 0o600);
  await writeWhole(files, join(dir, 'ca.crt'), `${certificate.toString('pem')}\n`, 0o644);
}

async function readAuthority(dir: string, files: SecretFiles): Promise<Authority> {
  const [text, keyText] = [
    await readText(files, join(dir, 'ca.crt')),
    await readText(files, join(dir, 'ca.key')),
  ];
  if (text === null || keyText === null) {
    throw new Error(`${join(dir, 'ca.key')} is not there: put it back, or move ${dir} away`);
  }
  const certificate = new X509Certificate(text);
  const key = createPrivateKey(keyText);
  const bytes = key.export({ format: 'der', type: 'pkcs8' });
  return {
    certificate,
    key: await webcrypto.subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']),
  };
}

const namesIn = (certificate: X509Certificate): string[] =>
  (certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? []).map(
    ({ value }) => value,
  );

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', key);
  return `${PemConverter.encode(bytes, 'PRIVATE KEY')}\n`;
}

/** False as well where a kill came between the two files. */
function isPair(certificate: X509Certificate, key: string | null): boolean {
  if (key === null) return false;
  const fromKey = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return fromKey.equals(Buffer.from(certificate.publicKey.rawData));
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes. */
const serialNumber = (): string => `40${randomBytes(15).toString('hex')}`;
