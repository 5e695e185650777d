/** Why a Pod got the reference, or why not: a code for metrics and logs, a sentence for people. */
export type Decision =
  | { readonly action: 'inject'; readonly code: InjectCode; readonly sentence: string }
  | { readonly action: 'skip'; readonly code: SkipCode; readonly sentence: string; readonly warn: boolean };

export type InjectCode = 'image-matched' | 'always';
export type SkipCode =
  | 'mirror-pod'
  | 'opted-out'
  | 'already-listed'
  | 'strict-account'
  | 'no-credential'
  | 'foreign-secret'
  | 'namespace-not-enabled'
  | 'namespace-unknown'
  | 'malformed-pod'
  | 'not-a-pod'
  | 'not-a-create'
  | 'internal-error';

export const inject = {
  imageMatched: (image: string, source: string): Decision => ({
    action: 'inject',
    code: 'image-matched',
    sentence: `the kubelet finds a credential of source ${source} for ${shorten(image)}`,
  }),
  always: (): Decision => ({
    action: 'inject',
    code: 'always',
    sentence: 'the namespace or the Pod asks for the reference whatever the images are',
  }),
};

export const skip = {
  mirrorPod: (): Decision => quietly('mirror-pod', 'a static Pod runs from its node, whatever the API server holds'),
  optedOut: (): Decision => quietly('opted-out', 'the Pod is annotated pullkeeper.dev/inject=disabled'),
  alreadyListed: (secretName: string): Decision =>
    quietly('already-listed', `the Pod lists ${secretName} in its imagePullSecrets`),
  strictAccount: (account: string, secretName: string): Decision =>
    loudly(
      'strict-account',
      `ServiceAccount ${account} enforces mountable secrets and does not list ${secretName}: the API server would refuse the reference`,
    ),
  noCredential: (): Decision =>
    quietly('no-credential', 'no source for this namespace has a credential for its images'),
  foreignSecret: (namespace: string, secretName: string): Decision =>
    loudly(
      'foreign-secret',
      `Secret ${namespace}/${secretName} is not Pullkeeper's (no label pullkeeper.dev/managed=true): rename or delete it`,
    ),
  namespaceNotEnabled: (namespace: string): Decision =>
    quietly('namespace-not-enabled', `namespace ${namespace} is not enabled for injection`),
  namespaceUnknown: (namespace: string): Decision =>
    loudly('namespace-unknown', `whether namespace ${namespace} is enabled could not be found out in time`),
  malformedPod: (where: string): Decision => loudly('malformed-pod', `the Pod is malformed: ${where}`),
  notAPod: (kind: string): Decision =>
    loudly('not-a-pod', `a ${kind} was sent; the webhook configuration should send Pods only`),
  notACreate: (operation: string): Decision =>
    quietly('not-a-create', `${operation} is left alone: imagePullSecrets can be set only at creation`),
  internalError: (): Decision =>
    loudly('internal-error', 'Pullkeeper failed on this Pod and left it alone; its log says why'),
};

/** A host name (253), a port and a path (255): no image that can be pulled has a longer name. */
const LONGEST_IMAGE = 515;

/** The grammar of images sets no limit to a host, and whoever sends a review chooses it: it is not to fill the log. */
function shorten(image: string): string {
  return image.length <= LONGEST_IMAGE ? image : `${image.slice(0, LONGEST_IMAGE)}…`;
}

/** Told in the log and by metric only: nothing is wrong. */
function quietly(code: SkipCode, sentence: string): Decision {
  return { action: 'skip', code, sentence, warn: false };
}

/** Told to the user as an admission warning too. */
function loudly(code: SkipCode, sentence: string): Decision {
  return { action: 'skip', code, sentence, warn: true };
}
