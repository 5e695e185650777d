import { expect, it } from 'vitest';
import { readImage } from '../../../src/core/explain/image-reading.ts';

const tag = (text: string) => ({
  code: 'tag-not-looked-up',
  sentence: `the tag ${text} is no part of what is looked up`,
});
const digest = { code: 'digest-not-looked-up', sentence: 'the digest is no part of what is looked up' };
const library = (name: string) => ({
  code: 'library',
  sentence: `a name of one word is one of Docker Hub's own images: it is looked up as docker.io/library/${name}`,
});
const noRegistry = (image: string, name: string) => ({
  code: 'no-registry',
  sentence: `without a "/" there is no registry in ${image}: it is looked up as Docker Hub's docker.io/library/${name}`,
});
const byDefault = (host: string) => ({
  code: 'hub-by-default',
  sentence: `"${host}" has no dot and no port: where no key matches it, the kubelet takes Docker Hub's credential`,
});
const hex = 'a'.repeat(64);

const cases: readonly (readonly [image: string, registry: string, repository: string, notes: readonly object[]])[] = [
  ['nginx', 'docker.io', 'library/nginx', [library('nginx')]],
  ['nginx:1.27', 'docker.io', 'library/nginx', [library('nginx'), tag('1.27')]],
  ['nginx:latest', 'docker.io', 'library/nginx', [library('nginx'), tag('latest')]],
  ['docker.io/nginx', 'docker.io', 'library/nginx', [library('nginx')]],
  ['docker.io/library/nginx', 'docker.io', 'library/nginx', []],
  [
    'index.docker.io/acme/app',
    'docker.io',
    'acme/app',
    [
      {
        code: 'hub-alias',
        sentence: 'index.docker.io in an image is Docker Hub: it is looked up as docker.io/acme/app',
      },
    ],
  ],
  [
    'harbor/app',
    'docker.io',
    'harbor/app',
    [
      {
        code: 'hub-path',
        sentence:
          '"harbor" has no dot and no port, so it is no registry but part of Docker Hub\'s path: it is looked up as docker.io/harbor/app',
      },
    ],
  ],
  ['localhost:5000', 'docker.io', 'library/localhost', [noRegistry('localhost:5000', 'localhost'), tag('5000')]],
  ['quay.io', 'docker.io', 'library/quay.io', [noRegistry('quay.io', 'quay.io')]],
  ['localhost/app', 'localhost', 'app', [byDefault('localhost')]],
  ['REG/app', 'REG', 'app', [byDefault('REG')]],
  ['localhost:5000/app', 'localhost:5000', 'app', []],
  [
    '[fd00::1]/app',
    '[fd00::1]',
    'app',
    [
      {
        code: 'address-without-port',
        sentence: 'no key matches an IPv6 address without a port: write it with one, as [fd00::1]:443',
      },
    ],
  ],
  ['[fd00::1]:5000/app', '[fd00::1]:5000', 'app', []],
  ['r.example.com:5000/a/b:1', 'r.example.com:5000', 'a/b', [tag('1')]],
  [`quay.io/a@sha256:${hex}`, 'quay.io', 'a', [digest]],
  [`quay.io/a:1@sha256:${hex}`, 'quay.io', 'a', [tag('1'), digest]],
];

it.each(cases)('reads %s', (image, registry, repository, notes) => {
  expect(readImage(image)).toEqual({ kind: 'valid', name: `${registry}/${repository}`, registry, repository, notes });
});

it.each([
  ['https://quay.io/a', 'an image has no "https://" in front: write it without'],
  ['oci://quay.io/a', 'an image has no "oci://" in front: write it without'],
  ['quay.io/a ', 'it holds a space or a line end: write it without'],
  ['quay.io/A', 'the repository path holds an upper-case letter'],
  [hex, '64 hexadecimal characters are an image ID, not a repository name'],
])('says why %s is none', (image, sentence) => {
  expect(readImage(image)).toEqual({ kind: 'invalid', code: 'invalid-image-name', sentence });
});
