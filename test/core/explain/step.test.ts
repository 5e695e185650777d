import { describe, expect, it } from 'vitest';
import type { Owner } from '../../../src/core/explain/facts.ts';
import { restart, step } from '../../../src/core/explain/step.ts';

const cannot = 'the Pod is old, and its list of pull Secrets cannot change';

// The rows of the table above `restart`.
const rows: readonly (readonly [owners: string, code: string, rest: string, command: string])[] = [
  [
    '',
    'recreate-pod',
    'nothing makes this Pod again, so delete it and create it again from its manifest',
    'kubectl delete pod web-1 -n tom',
  ],
  [
    'ReplicaSet/web-7d4 Deployment/web',
    'restart',
    'let Deployment web make its Pods again',
    'kubectl rollout restart deployment/web -n tom',
  ],
  [
    'StatefulSet/db',
    'restart',
    'let StatefulSet db make its Pods again',
    'kubectl rollout restart statefulset/db -n tom',
  ],
  [
    'DaemonSet/agent',
    'restart',
    'let DaemonSet agent make its Pods again',
    'kubectl rollout restart daemonset/agent -n tom',
  ],
  [
    'ReplicaSet/web-7d4',
    'restart',
    'delete it, and ReplicaSet web-7d4 makes another',
    'kubectl delete pod web-1 -n tom',
  ],
  [
    'Job/nightly-1 CronJob/nightly',
    'restart',
    'delete it, and Job nightly-1 makes another',
    'kubectl delete pod web-1 -n tom',
  ],
  [
    'ReplicaSet/web-7d4 Rollout/web',
    'restart',
    'delete it, and ReplicaSet web-7d4 makes another',
    'kubectl delete pod web-1 -n tom',
  ],
];

describe('the restart that helps', () => {
  it.each(rows)('below %s', (owners, code, rest, command) => {
    const chain = owners.split(' ').flatMap((each): Owner[] => {
      const [kind = '', name = ''] = each.split('/');
      return kind === '' ? [] : [{ kind, name }];
    });
    const pod = { name: 'web-1', createdAt: undefined, owners: chain };
    expect(restart('tom', pod, 'the Pod is old')).toEqual({ code, sentence: `${cannot}: ${rest}`, command });
  });
});

describe('steps', () => {
  it.each([
    [step.correctImage('a\u001b[31mB'), { code: 'correct-image', sentence: 'correct the name of image a\\u{1b}[31mB' }],
    [
      step.enableNamespace('tom', undefined),
      {
        code: 'enable-namespace',
        sentence: 'enable the namespace',
        command: 'kubectl label namespace tom pullkeeper.dev/inject=enabled',
      },
    ],
    [
      step.addSource('pullkeeper-system', 'tom', 'docker.io'),
      {
        code: 'add-source',
        sentence:
          'unless docker.io gives the image to anybody, its credential is missing: an administrator stores it once, and then annotates it with pullkeeper.dev/namespaces=tom',
        command:
          'kubectl create secret docker-registry NAME -n pullkeeper-system --docker-server=https://index.docker.io/v1/ --docker-username=USER --docker-password=PASSWORD',
      },
    ],
    [
      step.mendSource('harbor'),
      {
        code: 'mend-source',
        sentence: 'if source harbor is meant for it, an administrator mends it: nothing that it holds counts',
      },
    ],
  ])('%o', (made, expected) => expect(made).toEqual(expected));
});
