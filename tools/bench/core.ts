// `npm run bench:core`: what a lookup, a source and a keyring cost, as ratios within one run.

import { createKeyrings } from '../../src/core/sources/keyrings.ts';
import { readSource } from '../../src/core/sources/source.ts';
import { measure, printComparisons, type Comparison } from './core-measure.ts';
import {
  keyringOf,
  lookUpImages,
  makeNamespaces,
  makeSource,
  manyGlobs,
  manyHosts,
  manyPaths,
} from './core-subjects.ts';

const sizes = [10, 1_000, 10_000];

console.log('Each number is a ratio of two times of this run.\n');
const isWithin = printComparisons([...compareLookups(), ...compareSharing(), ...compareChanges()]);
process.exitCode = isWithin ? 0 : 1;

function compareLookups(): readonly Comparison[] {
  const hostImages = [1, 3, 5, 7].map((index) => `registry-${index}.example.com/team/app:1`);
  const pathImages = [1, 3, 5, 7].map((index) => `ghcr.io/team-${index}/app:1`);
  const hosts = sizes.map((size) => keyringOf(manyHosts(size)));
  const paths = sizes.map((size) => keyringOf(manyPaths(size)));
  const withGlobs = [0, 1_000].map((count) => keyringOf([...manyHosts(1_000), ...manyGlobs(count, 'example.com')]));
  const globs = [10, 1_000].map((count) => keyringOf(manyGlobs(count, 'com')));
  const subjects = [...hosts, ...paths, ...withGlobs, ...globs].map((keyring, index, { length }) => {
    const images = index >= sizes.length && index < 2 * sizes.length ? pathImages : hostImages;
    // The last one, among a thousand globs, takes some 40 times as long as each other.
    return { times: index === length - 1 ? 12 : 500, run: () => lookUpImages(keyring, images) };
  });
  const [h10 = 0, h1k = 0, h10k = 0, p10 = 0, p1k = 0, p10k = 0, without = 0, beside = 0, g10 = 0, g1k = 0] = measure(
    subjects,
    50,
  );
  return [
    { what: '4 images, exact hosts: 1,000 registries to 10', ratio: h1k / h10, limit: 2 },
    { what: '4 images, exact hosts: 10,000 registries to 10', ratio: h10k / h10, limit: 2 },
    { what: '4 images, paths of one host: 1,000 to 10', ratio: p1k / p10, limit: 2 },
    { what: '4 images, paths of one host: 10,000 to 10', ratio: p10k / p10, limit: 2 },
    { what: '4 images, exact hosts: beside 1,000 globs of another shape to none', ratio: beside / without, limit: 2 },
    { what: '4 images, globs of their shape: 1,000 to 10 (what globs cost)', ratio: g1k / g10 },
  ];
}

function compareSharing(): readonly Comparison[] {
  const secrets = Array.from({ length: 1_000 }, (_, index) => makeSource(index, 'team-*'));
  const sources = secrets.map(readSource);
  const namespaces = makeNamespaces(1_000);
  const [decode = 0] = measure([{ times: 1, run: () => secrets.map(readSource) }], 8);
  // Each takes a few milliseconds: of few rounds, a busy machine may disturb every one.
  const [one = 0, all = 0] = measure(
    [
      { times: 1, run: () => createKeyrings(sources).for({ name: 'team-0', labels: {} }) },
      {
        times: 1,
        run: () => {
          const keyrings = createKeyrings(sources);
          return namespaces.map((namespace) => keyrings.for(namespace));
        },
      },
    ],
    60,
  );
  const keyrings = createKeyrings(sources);
  const distinct = new Set(namespaces.map((namespace) => keyrings.for(namespace)));
  return [
    { what: '1,000 sources of one scope: keyring objects of 1,000 namespaces', ratio: distinct.size, limit: 1 },
    { what: '1,000 sources of one scope: merging for 1,000 namespaces to merging for 1', ratio: all / one, limit: 2 },
    { what: '1,000 sources: decoding them to merging them', ratio: decode / one },
  ];
}

function compareChanges(): readonly Comparison[] {
  // Half of the sources reach everyone, half one team each.
  const sources = Array.from({ length: 200 }, (_, index) =>
    readSource(makeSource(index, index % 2 === 0 ? '*' : `team-${index}`)),
  );
  const namespaces = makeNamespaces(10_000);
  const before = createKeyrings(sources);
  const known = namespaces.map((namespace) => before.for(namespace));
  const changed = sources.map((source, index) =>
    index === 1 ? readSource(makeSource(1, 'team-1', 'another')) : source,
  );
  const [first = 0, change = 0, asked = 0] = measure(
    [
      {
        times: 1,
        run: () => {
          const keyrings = createKeyrings(sources);
          return namespaces.map((namespace) => keyrings.for(namespace));
        },
      },
      { times: 10, run: () => createKeyrings(changed, before) },
      {
        times: 1,
        run: () => {
          const keyrings = createKeyrings(changed, before);
          return namespaces.map((namespace) => keyrings.for(namespace));
        },
      },
    ],
    60,
  );
  const after = createKeyrings(changed, before);
  const replaced = namespaces.filter((namespace, index) => after.for(namespace) !== known[index]);
  return [
    {
      what: '10,000 namespaces, 200 sources: keyrings replaced by a source of one namespace',
      ratio: replaced.length,
      limit: 1,
    },
    {
      what: '10,000 namespaces, 200 sources: taking in that change to the first time for all',
      ratio: change / first,
      limit: 0.1,
    },
    { what: '10,000 namespaces, 200 sources: asking for all after it to the first time', ratio: asked / first },
  ];
}
