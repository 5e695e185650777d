import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** The serving pair as TLS takes it: PEM, the leaf first. */
interface PemPair {
  readonly certPem: string;
  readonly keyPem: string;
}

/**
 * Forward secrecy and authenticated encryption only, for EC and RSA keys: TLS 1.3's suites, and of TLS 1.2 those that Go's
 * crypto/tls (the API server's client) prefers. Node's default list also holds plain-RSA and CBC suites.
 */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/**
 * Everything that the HTTPS server's context consists of. For `createServer` and for every `setSecureContext` alike: the
 * latter starts from Node's defaults, so what is left out the second time is lost (minVersion among it). Connections that
 * are open keep the context they were made with.
 */
export function secureContextOptions({ certPem, keyPem }: PemPair): SecureContextOptions {
  return { cert: certPem, key: keyPem, minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: true };
}

/** Builds the context once and throws it away: undefined when TLS takes it, else OpenSSL's reason. */
export function findContextFault(pair: PemPair): string | undefined {
  try {
    createSecureContext(secureContextOptions(pair));
    return undefined;
  } catch (error) {
    return error instanceof Error && 'reason' in error && typeof error.reason === 'string' ? error.reason : 'unknown';
  }
}
