/** A step of the certificate rotation that was taken: a code for metrics and logs, a sentence for people. */
export interface RotationStep {
  readonly code:
    | 'created'
    | 'leaf-issued'
    | 'next-ca-created'
    | 'next-ca-live'
    | 'next-ca-not-live'
    | 'switched'
    | 'old-ca-dropped'
    | 'bundle-published';
  readonly sentence: string;
}

/** `until` and the like are dates as RFC 3339 writes them. */
export const rotationStep = {
  created: (until: string): RotationStep => ({
    code: 'created',
    sentence: `there was no usable CA: a new one and a serving certificate were issued, good until ${until}`,
  }),
  leafIssued: (reason: 'unusable' | 'due', until: string): RotationStep => ({
    code: 'leaf-issued',
    sentence: `the serving certificate was ${reason}: a new one was issued, good until ${until}`,
  }),
  nextCaCreated: (until: string): RotationStep => ({
    code: 'next-ca-created',
    sentence: `the CA is due or has lost its key: the next one was issued, good until ${until}, and is used once it is trusted`,
  }),
  nextCaLive: (): RotationStep => ({
    code: 'next-ca-live',
    sentence: 'the next CA was seen in every caBundle',
  }),
  nextCaNotLive: (): RotationStep => ({
    code: 'next-ca-not-live',
    sentence: 'the next CA is gone from a caBundle: it waits anew once it is back',
  }),
  switched: (until: string): RotationStep => ({
    code: 'switched',
    sentence: `a serving certificate was issued under the new CA, good until ${until}`,
  }),
  oldCaDropped: (): RotationStep => ({
    code: 'old-ca-dropped',
    sentence: 'every replica has had its time to change: the old CA is no longer trusted',
  }),
  bundlePublished: (configuration: string): RotationStep => ({
    code: 'bundle-published',
    sentence: `the caBundle of ${configuration} was not what it should be: it was set`,
  }),
};

/** What keeps the rotation from going on. The next try follows by itself. */
export interface RotationTrouble {
  readonly code: 'failed' | 'conflict' | 'undone';
  readonly sentence: string;
}

export const rotationTrouble = {
  failed: (detail: string): RotationTrouble => ({
    code: 'failed',
    sentence: `the certificate rotation cannot go on now: ${detail}`,
  }),
  conflict: (where: string): RotationTrouble => ({
    code: 'conflict',
    sentence: `${where} was changed by someone else at the same time: it is read again`,
  }),
  undone: (action: string): RotationTrouble => ({
    code: 'undone',
    sentence: `something undoes what the certificate rotation writes (${action}): look for another controller or a policy`,
  }),
};
