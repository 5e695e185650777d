import { expect, it } from 'vitest';
import type { Namespace } from '../../src/reconcile/desired-state.ts';
import { createFormerlyEnabled } from '../../src/reconcile/formerly-enabled.ts';
import { createManualClock } from '../support/manual-clock.ts';

const namespace = (inject: string, uid = 'u', name = 'tom'): Namespace => ({
  name,
  labels: { inject },
  uid,
  deleting: false,
});
const enabled = namespace('enabled');
const disabled = namespace('disabled');

function setUp() {
  const clock = createManualClock();
  const formerly = createFormerlyEnabled({
    isEnabled: ({ labels }) => labels['inject'] === 'enabled',
    graceMs: 1000,
    clock,
  });
  return { clock, formerly };
}

it('has what was enabled until a moment ago, for the grace', async () => {
  const { clock, formerly } = setUp();
  formerly.changed(enabled, undefined);
  expect(formerly.has(enabled)).toBe(false);
  formerly.changed(disabled, enabled);
  expect(formerly.has(disabled)).toBe(true);
  await clock.advance(500);
  // A change of something else does not begin it anew.
  formerly.changed({ ...disabled, labels: { inject: 'disabled', other: 'x' } }, disabled);
  await clock.advance(499);
  expect(formerly.has(disabled)).toBe(true);
  await clock.advance(1);
  expect(formerly.has(disabled)).toBe(false);
});

it('has none that was never seen enabled, is enabled again, is gone, or is another one of that name', () => {
  const { formerly } = setUp();
  formerly.changed(disabled, undefined);
  expect(formerly.has(disabled)).toBe(false);
  formerly.changed(namespace('disabled', 'another'), enabled);
  expect(formerly.has(namespace('disabled', 'another'))).toBe(false);
  formerly.changed(disabled, enabled);
  expect(formerly.has(namespace('disabled', 'another'))).toBe(false);
  formerly.changed(enabled, disabled);
  expect(formerly.has(enabled)).toBe(false);
  formerly.changed(disabled, enabled);
  formerly.changed(undefined, disabled);
  expect(formerly.has(disabled)).toBe(false);
});

it('forgets those whose time is over when more come', async () => {
  const { clock, formerly } = setUp();
  for (const name of ['a', 'b']) {
    formerly.changed(namespace('disabled', 'u', name), namespace('enabled', 'u', name));
    await clock.advance(600);
  }
  formerly.changed(disabled, enabled);
  expect(['a', 'b', 'tom'].map((name) => formerly.has(namespace('disabled', 'u', name)))).toEqual([false, true, true]);
});
