import type { JsonTree } from './json-tree.ts';
import type { Random } from './random.ts';

/** Names that mean something to JavaScript, to Kubernetes or to us. */
const NAMES = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'prototype',
    'then',
    'toJSON',
    'length',
    '',
    ' ',
    '\u0000',
  ],
  ...[
    'request',
    'object',
    'metadata',
    'spec',
    'containers',
    'initContainers',
    'ephemeralContainers',
    'volumes',
    'image',
    'reference',
  ],
  ...[
    'imagePullSecrets',
    'name',
    'namespace',
    'uid',
    'kind',
    'operation',
    'annotations',
    'ownerReferences',
    'controller',
    'dryRun',
  ],
  ...[
    'pullkeeper.dev/inject',
    'pullkeeper.dev/namespaces',
    'kubernetes.io/config.mirror',
    '.dockerconfigjson',
    'auths',
    'Auths',
    'type',
  ],
];

const IMAGES = [
  ...[
    'harbor.example.com/team/app',
    'HARBOR.example.com/team/app',
    'harbor.example.com:8443/x',
    'x.harbor.example.com/y',
    'docker.io',
    'nginx',
  ],
  ...[
    '/',
    '//',
    '@',
    ':',
    'a:b:c/d',
    '[::1]:5000/x',
    '[::1',
    'a/../b',
    'sha256:',
    'a@sha256:0',
    'é.io/x',
    'A/b',
    'localhost/x',
    '*.io/x',
    '.',
    '..',
  ],
];

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e308',
  '1e999',
  '-1e-999',
  '9007199254740993',
  '1.0000000000000000000001',
  `1${'0'.repeat(400)}`,
  '0.1e1',
];

/** Text that is no value: whatever stands around it is no JSON any more. */
const NOISE = [
  '',
  'NaN',
  'undefined',
  "'x'",
  '01',
  '+1',
  '1.',
  '"\\x"',
  '"\t"',
  '[1,]',
  '{"a"}',
  '{a:1}',
  '/**/1',
  'nul',
  '\u2028',
  '1 1',
];

const STRINGS = [
  '',
  ' ',
  '\u0000',
  '\n',
  '\ud800',
  '\udfff',
  '\u202e',
  '😀',
  'true',
  'null',
  '../..',
  '%00',
  "'",
  '"',
  '\\',
  '<script>',
  'a'.repeat(64),
  'a'.repeat(300),
];

const COMMANDS = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'CONNECT',
  'Pod',
  'Secret',
  'Deployment',
  'always',
  'disabled',
  'enabled',
  'tom',
  'eager',
  'nobody',
  'pullkeeper',
  'pullkeeper-system',
  'v1',
  'apps',
];

export function hostileName(random: Random): string {
  return random.pick(NAMES);
}

export function hostileString(random: Random): string {
  if (random.chance(500)) return random.pick(['x', '/', '.', 'a.', 'a/', '\ud800']).repeat(1 + random.below(20_000));
  return random.pick(random.pick([NAMES, IMAGES, STRINGS, COMMANDS, COMMANDS]));
}

export function hostileValue(random: Random): JsonTree {
  switch (random.below(10)) {
    case 0:
      return null;
    case 1:
      return random.chance(2);
    case 2:
      return { kind: 'raw', text: random.pick(NUMBERS) };
    case 3:
      return random.chance(4) ? { kind: 'raw', text: random.pick(NOISE) } : hostileString(random);
    case 4:
      return [];
    case 5:
      return { kind: 'object', members: [] };
    case 6:
      return Array.from({ length: random.below(5) }, () => hostileValue(random));
    case 7:
      return {
        kind: 'object',
        members: Array.from({ length: random.below(4) }, () => [hostileName(random), hostileValue(random)]),
      };
    case 8:
      return deep(random);
    default:
      return hostileString(random);
  }
}

function deep(random: Random): JsonTree {
  const depth = random.chance(50) ? random.below(10_000) : random.below(50);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"":[', ']}]'],
  ] as const);
  return { kind: 'raw', text: `${open.repeat(depth)}1${close.repeat(depth)}` };
}
