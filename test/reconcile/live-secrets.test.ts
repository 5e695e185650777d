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

/** A watch that the test plays: `tell` is an event about the namespace, `pass` one about another, or a bookmark. */
function setUp() {
  const watched = new Map<string, LiveSecret>();
  let version: string | undefined = '1';
  const live = createLiveSecrets({ get: (namespace) => watched.get(namespace), version: () => version });
  return {
    live,
    tell: (at: string, now: LiveSecret | undefined) => {
      version = at;
      if (now === undefined) watched.delete('ns');
      else watched.set('ns', now);
      live.catchUp('ns');
    },
    pass: (at: string | undefined) => {
      version = at;
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

  it('knows our own write before the first list', () => {
    const { live, pass } = setUp();
    pass(undefined);
    live.observe('ns', secret('100'));
    expect(live.get('ns')).toEqual(secret('100'));
  });

  it('does not go back to what the watch has overtaken, nor to an older word of our own', () => {
    const { live, tell } = setUp();
    tell('101', secret('101'));
    live.observe('ns', secret('100'));
    expect(live.get('ns')).toEqual(secret('101'));
    live.observe('ns', secret('110'));
    live.observe('ns', secret('105'));
    expect(live.get('ns')).toEqual(secret('110'));
  });

  it('believes the watch that our Secret is gone, though the answer to our write comes only then', () => {
    const { live, tell } = setUp();
    tell('100', secret('100'));
    tell('101', undefined);
    live.observe('ns', secret('100'));
    expect(live.get('ns')).toBeUndefined();
  });

  it('believes a list that our Secret is gone, though the watch never told that it was there', () => {
    const { live, pass } = setUp();
    live.observe('ns', secret('100'));
    pass('150');
    expect(live.get('ns')).toBeUndefined();
    pass('90');
    expect(live.get('ns')).toBeUndefined();
  });

  it('names those that a list went past without a word, once, and no others', async () => {
    const { live, tell, pass } = setUp();
    tell('9', secret('9'));
    await live.whileDeleting('ns', 'u1', () => Promise.resolve());
    live.observe('made-and-deleted', secret('100'));
    live.observe('made-after-the-list', secret('120'));
    pass('110');
    expect(live.overtaken()).toEqual(['made-and-deleted']);
    expect(live.overtaken()).toEqual([]);
    expect(live.get('made-and-deleted')).toBeUndefined();
    expect(live.get('made-after-the-list')).toEqual(secret('120'));
    expect(live.get('ns')).toBeUndefined();
  });

  it('forgets what we wrote in a time that the API server has not seen', () => {
    const { live, tell, pass } = setUp();
    tell('500', secret('500'));
    live.observe('ns', secret('900'));
    // etcd was restored from a backup.
    pass('400');
    expect(live.overtaken()).toEqual(['ns']);
    live.observe('ns', secret('410', 'u2'));
    expect(live.get('ns')).toEqual(secret('410', 'u2'));
  });

  it('sees that what we deleted is still there, where a finalizer holds it', async () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    await live.whileDeleting('ns', 'u1', () => Promise.resolve());
    expect(live.get('ns')).toBeUndefined();
    const held = { ...secret('10'), deleting: true };
    tell('10', held);
    expect(live.get('ns')).toEqual(held);
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

  it('knows our own deletion before the watch does, and the next Secret after it', async () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    await live.whileDeleting('ns', 'u1', () => Promise.resolve());
    expect(live.get('ns')).toBeUndefined();
    tell('10', secret('10'));
    expect(live.get('ns')).toBeUndefined();
    tell('12', secret('12', 'u2'));
    expect(live.get('ns')).toEqual(secret('12', 'u2'));
  });

  it('does not hide the next Secret behind a deletion that the watch has told already', async () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    await live.whileDeleting('ns', 'u1', async () => {
      tell('10', undefined);
      tell('11', secret('11', 'u2'));
    });
    expect(live.get('ns')).toEqual(secret('11', 'u2'));
    tell('12', undefined);
    live.observeGone('ns', 'u2');
    tell('13', secret('13', 'u3'));
    expect(live.get('ns')).toEqual(secret('13', 'u3'));
  });

  it('finds it gone, whichever it was', () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    live.observeGone('ns', undefined);
    expect(live.get('ns')).toBeUndefined();
    live.observe('other', secret('100'));
    live.observeGone('other', undefined);
    expect(live.get('other')).toBeUndefined();
  });

  it('tells our own deletions from those of others', async () => {
    const { live, tell } = setUp();
    tell('9', secret('9'));
    expect(live.expectsGone('ns', 'u1')).toBe(false);
    await live.whileDeleting('ns', 'u1', async () => {
      // The event may come before the answer.
      expect(live.expectsGone('ns', 'u1')).toBe(true);
      expect(live.expectsGone('ns', 'u2')).toBe(false);
    });
    expect(live.expectsGone('ns', 'u1')).toBe(true);
    live.observe('ns', secret('12', 'u2'));
    expect(live.expectsGone('ns', 'u1')).toBe(true);
    expect(live.expectsGone('ns', 'u2')).toBe(false);

    tell('20', secret('20', 'u3'));
    await expect(live.whileDeleting('ns', 'u3', () => Promise.reject(new Error('409')))).rejects.toThrow('409');
    expect(live.expectsGone('ns', 'u3')).toBe(false);
    expect(live.get('ns')).toEqual(secret('20', 'u3'));
  });
});
