import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { createCertificateHolder } from './certificate-holder.ts';
import { CertificateError, certificateProblem, type CertificateProblem } from './certificate-problem.ts';
import type { CertificateSource } from './certificate-source.ts';
import { watchDirectories } from './directory-changes.ts';
import { readServingPair, type PairReading, type ServingCertificate } from './serving-certificate.ts';

export interface CertificateFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clock: Clock;
  /** Called when what the files hold later cannot be used: once for each content and each reason. */
  readonly onProblem: (problem: CertificateProblem) => void;
  /**
   * How often the files are read anyway: a directory watch does not see a symlink swapped further up the path, nor, on
   * some file systems, anything. Default 10 s: well below the minute that a kubelet takes to bring a changed Secret.
   */
  readonly checkIntervalMs?: number;
  /** The wait between a change in a directory and reading the files: the second may not be written yet. Default 100 ms. */
  readonly settleMs?: number;
}

/** A source that has a certificate from the start. */
export interface CertificateFiles extends CertificateSource {
  current(): ServingCertificate;
}

interface FilePair {
  readonly certPem: string;
  readonly keyPem: string;
}

/**
 * Loads the pair and follows it: a rewritten file, a renamed one and a Secret volume's `..data` symlink alike, because
 * contents are compared, not times or inodes. A pair that is not good never replaces one that is.
 *
 * @throws CertificateError when the pair cannot be used now; its message says which file, what is wrong, what to do
 */
export async function openCertificateFiles(options: CertificateFilesOptions): Promise<CertificateFiles> {
  const { certFile, keyFile, clock, checkIntervalMs = 10_000, settleMs = 100 } = options;
  const holder = createCertificateHolder(clock, options.onProblem);
  const stopping = new AbortController();

  // Watched before the first look, so that nothing changes unseen between the two.
  const changes = watchDirectories([dirname(certFile), dirname(keyFile)]);
  const initial = await load().catch((error: unknown) => {
    changes.close();
    throw error;
  });
  holder.adopt(initial);
  const current = (): ServingCertificate => holder.current() ?? initial;
  const following = follow();

  async function load(): Promise<ServingCertificate> {
    const reading = judge(await readPair(certFile, keyFile));
    if (reading.kind === 'bad') throw new CertificateError(reading.problem);
    return reading.certificate;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(checkIntervalMs, AbortSignal.any([stopping.signal, changes.signal()]));
      if (changes.signal().aborted) await clock.sleep(settleMs, stopping.signal);
      changes.forget();
      await look();
    }
    changes.close();
  }

  async function look(): Promise<void> {
    let pair: FilePair;
    try {
      pair = await readPair(certFile, keyFile);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      return holder.reject(error.problem, '');
    }
    if (stopping.signal.aborted) return;
    if (pair.certPem === current().certPem && pair.keyPem === current().keyPem) return holder.confirm();
    const reading = judge(pair);
    if (reading.kind === 'good') holder.adopt(reading.certificate);
    else holder.reject(reading.problem, pair.certPem);
  }

  function judge({ certPem, keyPem }: FilePair): PairReading {
    return readServingPair(certPem, keyPem, { cert: certFile, key: keyFile }, new Date(clock.wallTime()));
  }

  return {
    current,
    onChange: (listener) => holder.onChange(listener),
    health: () => holder.health(),
    stop: async () => {
      stopping.abort();
      await following;
    },
  };
}

/**
 * Both files as they are together: the certificate is read again after the key, because a volume may be swapped in
 * between (or its old folder removed). Three tries: files that change faster are judged as found, and again when they change.
 *
 * @throws CertificateError when one cannot be read
 */
async function readPair(certFile: string, keyFile: string): Promise<FilePair> {
  for (let tries = 1; ; tries++) {
    try {
      const certPem = await readText(certFile);
      const keyPem = await readText(keyFile);
      if (tries === 3 || certPem === (await readText(certFile))) return { certPem, keyPem };
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
    throw new CertificateError(certificateProblem.unreadable(file, code));
  }
}
