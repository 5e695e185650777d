import { expect, test } from 'vitest';
import { BuildWatcher } from '../../../tools/programs/go-build.ts';
import { isOlder } from '../../../tools/programs/go-toolchain.ts';

test('what go prints tells how far a build is', () => {
  const watcher = new BuildWatcher();
  expect(watcher.state()).toBe('reading its packages');
  watcher.read('go: downloading k8s.io/api v0.37.2');
  watcher.read('go: downloading github.com/coreos/go-oidc v2.5.0+incompatible');
  expect(watcher.state()).toBe('2 modules downloaded, last github.com/coreos/go-oidc v2.5.0+incompatible');
  watcher.total = 4;
  expect(watcher.state()).toBe('0 of 4 packages');
  watcher.read('internal/goarch');
  watcher.read('sigs.k8s.io/structured-merge-diff/v6/value');
  expect(watcher.state()).toBe('2 of 4 packages');
  watcher.read('golang.org/x/text/internal/number');
  expect(watcher.state()).toBe('4 packages done, linking');
  watcher.read('k8s.io/kubernetes/cmd/kube-apiserver');
  expect(watcher.state()).toBe('4 packages done, linking');
  expect(watcher.other).toEqual([]);
});

test('errors and warnings are kept apart', () => {
  const watcher = new BuildWatcher();
  const lines = ['# example.org/broken', './main.go:3:2: undefined: x', 'go: warning: something'];
  for (const line of ['errors', ...lines]) watcher.read(line);
  expect(watcher.other).toEqual(lines);
});

test.each([
  ['go1.26.0', '1.26.0', false],
  ['go1.26.8', '1.26.0', false],
  ['go1.27', '1.26.3', false],
  ['go1.27rc1', '1.26.3', false],
  ['go1.27-d1b2c3', '1.26.3', false],
  ['go2.0', '1.26.3', false],
  ['go1.26', '1.26.0', false],
  ['go1.26.2', '1.26.3', true],
  ['go1.25.9', '1.26.0', true],
  ['go1.9', '1.26', true],
])('%s older than %s: %s', (version, needed, older) => {
  expect(isOlder(version, needed)).toBe(older);
});
