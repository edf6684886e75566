import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** PEM texts for a listener. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads a certificate and its key for the setting of that name. Throws, saying which file to look
 * at, where one cannot be read or they do not belong together: at the start, not at a handshake.
 */
export function readTlsIdentity(
  setting: string,
  { certFile, keyFile }: { readonly certFile: string; readonly keyFile: string },
): TlsIdentity {
  const cert = read(`${setting}.certFile`, certFile);
  const key = read(`${setting}.keyFile`, keyFile);
  const certificate = parsed(`${setting}.certFile`, certFile, () => new X509Certificate(cert));
  const privateKey = parsed(`${setting}.keyFile`, keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`${setting}: the key ${keyFile} is not that of the certificate ${certFile}`);
  }
  return { cert, key };
}

/** Reads the certificates that are trusted instead of those that Node.js knows. */
export function readCa(setting: string, file: string): string {
  const text = read(setting, file);
  parsed(setting, file, () => new X509Certificate(text));
  return text;
}

/** What a failed handshake means and what to do, by Node's error code. */
const tlsFaults: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by somebody unknown: set mqtt.caFile',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by nobody known: set mqtt.caFile',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by mqtt.caFile',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by mqtt.caFile',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by mqtt.caFile',
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it, or set the clock of this machine',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: use that name in the address, or make one for this',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS at this port',
};

/** Null where the error is none of a certificate. */
export const explainTls = (error: { readonly code?: number | string }): string | null =>
  tlsFaults[String(error.code)] ?? null;

function read(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${setting} ${file} cannot be read: ${(error as Error).message}`);
  }
}

function parsed<T>(setting: string, file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${setting} ${file} is no PEM of the right kind: ${(error as Error).message}`);
  }
}
