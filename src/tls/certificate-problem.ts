/** Why a certificate is not used: a code for metrics and logs, a sentence for people that says what to do. */
export interface CertificateProblem {
  readonly code: CertificateProblemCode;
  readonly sentence: string;
}

type CertificateProblemCode =
  | 'unreadable'
  | 'missing'
  | 'not-pem'
  | 'not-a-certificate'
  | 'not-a-key'
  | 'key-encrypted'
  | 'key-mismatch'
  | 'chain-order'
  | 'expired'
  | 'not-yet-valid'
  | 'no-names'
  | 'not-for-servers'
  | 'context-refused'
  | 'not-trusted';

/**
 * Every sentence starts with where the fault is (`cert` and `key`: a file's path, or an entry of a Secret). None quotes
 * what was read.
 */
export const certificateProblem = {
  unreadable: (where: string, systemCode: string): CertificateProblem => ({
    code: 'unreadable',
    sentence: `${where}: cannot be read (${systemCode}); it must be a file that Pullkeeper's user may read`,
  }),
  missing: (cert: string): CertificateProblem => ({
    code: 'missing',
    sentence: `${cert}: is not there yet; the leader writes it, see its log if it does not`,
  }),
  notPem: (cert: string): CertificateProblem => ({
    code: 'not-pem',
    sentence: `${cert}: holds no certificate in PEM (BEGIN CERTIFICATE); give the serving certificate, then its intermediates`,
  }),
  notACertificate: (cert: string, position: number): CertificateProblem => ({
    code: 'not-a-certificate',
    sentence: `${cert}: certificate ${position} is damaged; write it anew`,
  }),
  notAKey: (key: string): CertificateProblem => ({
    code: 'not-a-key',
    sentence: `${key}: holds no private key in PEM (BEGIN PRIVATE KEY) that can be read; write it anew`,
  }),
  keyEncrypted: (key: string): CertificateProblem => ({
    code: 'key-encrypted',
    sentence: `${key}: is encrypted with a passphrase; give the key without one (openssl pkey -in … -out …)`,
  }),
  keyMismatch: (cert: string, key: string): CertificateProblem => ({
    code: 'key-mismatch',
    sentence: `${key}: is not the key of the first certificate in ${cert}; give the pair that was issued together, serving certificate first`,
  }),
  chainOrder: (cert: string, position: number): CertificateProblem => ({
    code: 'chain-order',
    sentence: `${cert}: certificate ${position} is not issued by certificate ${position + 1}; put the serving certificate first, then each issuer after what it issued`,
  }),
  expired: (cert: string, position: number, notAfter: Date): CertificateProblem => ({
    code: 'expired',
    sentence: `${cert}: certificate ${position} expired at ${notAfter.toISOString()}; renew it`,
  }),
  notYetValid: (cert: string, position: number, notBefore: Date): CertificateProblem => ({
    code: 'not-yet-valid',
    sentence: `${cert}: certificate ${position} is valid from ${notBefore.toISOString()} on; check this machine's clock or wait`,
  }),
  noNames: (cert: string): CertificateProblem => ({
    code: 'no-names',
    sentence: `${cert}: names no host as subject alternative name, and API servers ignore the common name; issue it with the Service's DNS names`,
  }),
  notForServers: (cert: string): CertificateProblem => ({
    code: 'not-for-servers',
    sentence: `${cert}: its extended key usage leaves out serverAuth, so API servers refuse it; issue it for servers`,
  }),
  contextRefused: (cert: string, detail: string): CertificateProblem => ({
    code: 'context-refused',
    sentence: `${cert}: TLS refuses the pair (${detail}); issue it with an EC P-256 or RSA 2048 key and SHA-256`,
  }),
  notTrusted: (cert: string, detail: string): CertificateProblem => ({
    code: 'not-trusted',
    sentence: `${cert}: the API server would refuse it with the caBundle of the webhook configurations as it is now (${detail}); it is used once the bundle holds its CA`,
  }),
};

/** A certificate that is needed now and cannot be used. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly problem: CertificateProblem;

  constructor(problem: CertificateProblem) {
    super(problem.sentence);
    this.problem = problem;
  }
}
