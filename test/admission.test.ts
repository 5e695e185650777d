import { describe, expect, it } from 'vitest';
import { createAdmission } from '../src/admission.ts';
import { createNamespaceArrivals } from '../src/kube/namespace-arrivals.ts';
import type { NamespaceAnswer, NamespaceRecord } from '../src/kube/namespaces.ts';
import { createManualClock, settle } from './support/manual-clock.ts';

const TOM: NamespaceRecord = { name: 'tom', uid: 'u', labels: { inject: 'enabled' }, deleting: false };
const NOT_ENABLED: NamespaceRecord = { ...TOM, labels: {} };

function setUp(answer: NamespaceAnswer | Promise<NamespaceAnswer>) {
  const clock = createManualClock();
  const namespaces = new Map<string, NamespaceRecord>();
  const asked: string[] = [];
  const admission = createAdmission({
    secretName: 'pullkeeper',
    namespaces,
    lookup: {
      ask: async (name, from) => {
        asked.push(`${name} for ${from}`);
        return answer;
      },
    },
    arrivals: createNamespaceArrivals(clock),
    desired: { isEnabled: ({ labels }) => labels.inject === 'enabled', find: () => [] },
    live: { get: () => undefined },
    ensure: async () => ({ kind: 'present' }),
    isStrictAccount: () => false,
  });
  return {
    clock,
    asked,
    state: async () => (await admission.namespaceState('tom', '10.0.0.1')).kind,
    tell: (namespace: NamespaceRecord) => {
      namespaces.set(namespace.name, namespace);
      admission.namespaceChanged(namespace.name);
    },
  };
}

/** A question that is not answered. */
const never = new Promise<NamespaceAnswer>(() => undefined);

describe('whether a namespace is enabled', () => {
  it('is known from the watch, where it says so', async () => {
    const { asked, state, tell } = setUp(never);
    tell(TOM);
    expect(await state()).toBe('enabled');
    expect(asked).toEqual([]);
  });

  it.each([
    ['enabled', TOM],
    ['not-enabled', NOT_ENABLED],
    ['not-enabled', 'none'],
  ] as const)('is asked where the watch does not know of it: %s', async (kind, answer) => {
    const { asked, clock, state } = setUp(answer);
    expect(await state()).toBe(kind);
    expect(asked).toEqual(['tom for 10.0.0.1']);
    await settle();
    expect(clock.sleeping()).toEqual([]);
  });

  it.each([
    ['the API server is not asked', 'unknown'],
    ['the API server does not answer', never],
  ] as const)('is heard from the watch while %s', async (_what, answer) => {
    const { state, tell } = setUp(answer);
    const asked = state();
    await settle();
    // Created first, labelled then.
    tell(NOT_ENABLED);
    await settle();
    tell(TOM);
    expect(await asked).toBe('enabled');
  });

  it.each([
    ['the API server is not asked', 'unknown'],
    ['the API server does not answer', never],
  ] as const)('is unknown when %s and the watch tells nothing in time', async (_what, answer) => {
    const { clock, state } = setUp(answer);
    const asked = state();
    await clock.advance(799);
    const isOver = await Promise.race([asked.then(() => true), settle().then(() => false)]);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await asked).toBe('unknown');
  });
});
