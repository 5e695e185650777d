import { describe, expect, it } from 'vitest';
import { createController } from '../src/controller.ts';
import { parseSelector } from '../src/core/sources/label-selector.ts';
import { createDesiredState, type Namespace } from '../src/reconcile/desired-state.ts';
import { createLiveSecrets } from '../src/reconcile/live-secrets.ts';
import { createSecretsStage } from './reconcile/secrets-stage.ts';
import { createManualClock, settle } from './support/manual-clock.ts';
import { sampleSource } from './support/source-samples.ts';

function setUp() {
  const clock = createManualClock();
  const stage = createSecretsStage();
  const namespaces = new Map<string, Namespace>();
  const selector = parseSelector('inject=enabled');
  if (selector.kind !== 'valid') throw new Error(selector.sentence);
  const desired = createDesiredState({
    selector: selector.selector,
    excluded: new Set(),
    namespaces,
    sha256: (text) => `hash of ${text}`,
    onAffected: (name) => controller.wake(name),
  });
  // A watch that tells everything at once.
  const live = createLiveSecrets({ get: stage.get, version: stage.version });
  const plans: string[] = [];
  let refreshed = Promise.resolve();
  const controller = createController({
    desired,
    namespaces,
    live,
    writes: stage.writes,
    removalGraceMs: 1000,
    wasEnabled: () => true,
    clock,
    random: () => 0,
    refresh: () => refreshed,
    onPlan: (name, { action }) => plans.push(`${action} ${name}`),
    onError: () => undefined,
  });
  return {
    ...stage,
    clock,
    desired,
    plans,
    controller,
    holdRefresh: (until: Promise<void>) => {
      refreshed = until;
    },
    addNamespace: (name: string, labels: Record<string, string> = { inject: 'enabled' }) =>
      namespaces.set(name, { name, labels, uid: `uid-${name}`, deleting: false }),
    /** A Secret of ours that holds what the sources give. */
    putRight: (name: string) => {
      const { hash, sources } = desired.content({ name, labels: namespaces.get(name)?.labels ?? {} });
      stage.put(name, { contentHash: hash, hashAnnotation: hash, sourcesAnnotation: sources });
    },
    lead: () => {
      const stop = new AbortController();
      const ended = controller.lead({ signal: stop.signal, isLeader: () => !stop.signal.aborted });
      return {
        stop: async () => {
          stop.abort();
          await ended;
        },
      };
    },
  };
}

describe('a controller', () => {
  it('does nothing while it does not lead', async () => {
    const { controller, addNamespace, calls, plans } = setUp();
    addNamespace('tom');
    controller.wake('tom');
    await settle();
    expect([calls, plans, controller.queueDepth()]).toEqual([[], [], 0]);
  });

  it('that begins to lead waits until what it knows is no older than that, and then looks at what concerns it', async () => {
    const { addNamespace, putRight, lead, holdRefresh, calls, plans } = setUp();
    addNamespace('tom');
    addNamespace('jerry', {});
    addNamespace('was-enabled', {});
    putRight('was-enabled');
    const refreshed = Promise.withResolvers<void>();
    holdRefresh(refreshed.promise);
    const term = lead();
    await settle();
    expect(calls).toEqual([]);
    refreshed.resolve();
    await settle();
    expect(calls).toEqual(['create tom']);
    expect(plans).toEqual(['create tom', 'leave was-enabled']);
    await term.stop();
  });

  it('that is told to stop before it knows enough, does nothing', async () => {
    const { addNamespace, lead, holdRefresh, calls } = setUp();
    addNamespace('tom');
    const refreshed = Promise.withResolvers<void>();
    holdRefresh(refreshed.promise);
    const term = lead();
    const stopped = term.stop();
    refreshed.resolve();
    await stopped;
    expect(calls).toEqual([]);
  });

  it('is woken by sources, for enabled namespaces and those that still have a Secret of ours', async () => {
    const { desired, addNamespace, put, putRight, lead, plans } = setUp();
    addNamespace('tom');
    addNamespace('jerry', {});
    addNamespace('foreign', {});
    addNamespace('in-grace', {});
    put('foreign', { owned: false });
    putRight('in-grace');
    const term = lead();
    await settle();
    plans.length = 0;
    desired.setSource('s', sampleSource('s', { namespaces: '*', registries: { 'a.io': 'p' } }));
    await settle();
    expect(plans.sort()).toEqual(['update in-grace', 'update tom']);
    await term.stop();
  });

  it('looks at everything anew in its next term, and at graces as if they began then', async () => {
    const { clock, addNamespace, putRight, lead, plans, calls } = setUp();
    addNamespace('off', {});
    putRight('off');
    const first = lead();
    await clock.advance(900);
    await first.stop();
    const second = lead();
    await clock.advance(900);
    expect(calls).toEqual([]);
    await clock.advance(100);
    expect(calls).toEqual(['delete off']);
    expect(plans).toEqual(['leave off', 'leave off', 'delete off']);
    await second.stop();
  });

  it('takes over 5,000 namespaces in which nothing differs without one call, a few at a time', async () => {
    const { clock, desired, addNamespace, putRight, lead, calls, plans, controller } = setUp();
    desired.setSource('s', sampleSource('s', { namespaces: '*', registries: { 'a.io': 'p' } }));
    for (let i = 0; i < 5000; i++) {
      const name = `n-${i}`;
      addNamespace(name);
      putRight(name);
    }
    const term = lead();
    await settle();
    // The rest has to wait for the event loop's next turns.
    expect(controller.queueDepth()).toBeGreaterThan(4900);
    await clock.advance(0);
    expect(controller.queueDepth()).toBe(0);
    expect(plans).toHaveLength(5000);
    expect(calls).toEqual([]);
    await term.stop();
  });
});
