import { generate } from 'selfsigned';

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>;

export interface PairOptions {
  readonly name?: string;
  readonly extensions?: Extensions;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly issuer?: Pair;
  /** An RSA key of that size; without it, EC P-256. */
  readonly rsaBits?: number;
}

export const HOST_NAMES: Extensions = [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }];
export const AUTHORITY: Extensions = [
  { name: 'basicConstraints', cA: true, critical: true },
  { name: 'keyUsage', keyCertSign: true, critical: true },
];

/** One certificate with any fault a test asks for; self-signed, or signed by `issuer`. */
export async function makePair(options: PairOptions = {}): Promise<Pair> {
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: options.name ?? 'test' }], {
    ...(options.rsaBits === undefined ? { keyType: 'ec' } : { keyType: 'rsa', keySize: options.rsaBits }),
    algorithm: 'sha256',
    extensions: options.extensions ?? HOST_NAMES,
    notBeforeDate: options.notBefore ?? new Date(now - 60_000),
    notAfterDate: options.notAfter ?? new Date(now + 3_600_000),
    ...(options.issuer === undefined ? {} : { ca: options.issuer }),
  });
  return { cert: made.cert, key: made.private };
}

/** Resolves with the next thing told to `tell`; things told before they are asked for are kept in order. */
export function createMailbox<T>(): { tell(item: T): void; next(): Promise<T>; readonly waiting: readonly T[] } {
  const items: T[] = [];
  const readers: ((item: T) => void)[] = [];
  return {
    waiting: items,
    tell: (item) => {
      const reader = readers.shift();
      if (reader === undefined) items.push(item);
      else reader(item);
    },
    next: () => {
      const item = items.shift();
      if (item !== undefined) return Promise.resolve(item);
      const { promise, resolve } = Promise.withResolvers<T>();
      readers.push(resolve);
      return promise;
    },
  };
}
