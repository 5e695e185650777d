import { describe, expect, it } from 'vitest';
import type { LiveSecret } from '../../src/core/secret/managed-secret.ts';
import { createLiveSecrets } from '../../src/reconcile/live-secrets.ts';

function secret(resourceVersion: string, uid = 'u1'): LiveSecret {
  return {
    uid,
    resourceVersion,
    owned: true,
    type: 'kubernetes.io/dockerconfigjson',
    immutable: false,
    deleting: false,
    contentHash: resourceVersion,
    hashAnnotation: resourceVersion,
    sourcesAnnotation: '{}',
  };
}

/** A watch that the test plays: `tell` is an event. */
function setUp() {
  const watched = new Map<string, LiveSecret>();
  const live = createLiveSecrets((namespace) => watched.get(namespace));
  return {
    live,
    tell: (resourceVersion: string, now: LiveSecret | undefined) => {
      if (now === undefined) watched.delete('ns');
      else watched.set('ns', now);
      live.catchUp('ns', resourceVersion, now);
    },
  };
}

describe('createLiveSecrets', () => {
  it('tells what the watch tells', () => {
    const { live, tell } = setUp();
    tell('5', secret('5'));
    expect(live.get('ns')).toEqual(secret('5'));
    tell('6', undefined);
    expect(live.get('ns')).toBeUndefined();
  });

  it('knows our own write before the watch does, past events that are older', () => {
    const { live, tell } = setUp();
    live.observe('ns', secret('100'));
    expect(live.get('ns')).toEqual(secret('100'));
    tell('99', secret('99'));
    expect(live.get('ns')).toEqual(secret('100'));
    tell('100', secret('100'));
    tell('101', secret('101'));
    expect(live.get('ns')).toEqual(secret('101'));
  });

  it('does not go back to what the watch has overtaken', () => {
    const { live, tell } = setUp();
    tell('101', secret('101'));
    live.observe('ns', secret('100'));
    expect(live.get('ns')).toEqual(secret('101'));
  });

  it('is not misled by the deletion of the Secret before ours', () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    live.observe('ns', secret('12', 'u2'));
    tell('11', undefined);
    expect(live.get('ns')).toEqual(secret('12', 'u2'));
    tell('13', undefined);
    expect(live.get('ns')).toBeUndefined();
  });

  it('knows our own deletion before the watch does, and the next Secret after it', () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    live.observeGone('ns', 'u1');
    expect(live.get('ns')).toBeUndefined();
    tell('10', secret('10'));
    expect(live.get('ns')).toBeUndefined();
    tell('12', secret('12', 'u2'));
    expect(live.get('ns')).toEqual(secret('12', 'u2'));
  });
});
