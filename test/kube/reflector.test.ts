import { describe, expect, it } from 'vitest';
import type { KubeClient, KubeRequest, WatchEvent, WatchRequest } from '../../src/kube/client.ts';
import { fromStatus, KubeError } from '../../src/kube/kube-error.ts';
import { createReflector, type Change } from '../../src/kube/reflector.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

interface Thing {
  readonly name: string;
  readonly resourceVersion: string;
  readonly skip?: boolean;
}

function thing({ name, resourceVersion, skip }: Thing): unknown {
  return { metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion }, skip };
}

/** One watch that the reflector has opened; the test says what comes of it. */
interface OpenWatch {
  readonly from: string | undefined;
  send(event: WatchEvent): void;
  end(error?: Error): void;
}

/** The API server's side, played by the test: answers to lists in order, and watches to send events into. */
function createStage() {
  const lists: KubeRequest[] = [];
  const answers: unknown[] = [];
  /** How far the API server is, told to who asks for one object; undefined: it does not answer. */
  const server: { version: string | undefined; asked: number } = { version: '1000', asked: 0 };
  const watches: OpenWatch[] = [];
  const client: Pick<KubeClient, 'call' | 'watch'> = {
    call: async (request) => {
      if (request.query?.limit === '1' && request.onSize === undefined) {
        server.asked++;
        if (server.version === undefined) throw new KubeError(0, 'ECONNREFUSED', 'refused');
        return page(server.version, [{ name: 'first', resourceVersion: '1' }], 'more');
      }
      lists.push(request);
      const answer = answers.shift();
      if (answer === undefined) {
        return new Promise((_resolve, reject) => {
          request.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }
      if (answer instanceof Error) throw answer;
      request.onSize?.((answer as { bytes?: number }).bytes ?? 100);
      return answer;
    },
    watch: async function* (request: WatchRequest) {
      const events: WatchEvent[] = [];
      let wake = Promise.withResolvers<void>();
      let over: { error?: Error } | undefined;
      watches.push({
        from: request.query.resourceVersion,
        send: (event) => {
          events.push(event);
          wake.resolve();
        },
        end: (error) => {
          over = error === undefined ? {} : { error };
          wake.resolve();
        },
      });
      request.signal.addEventListener('abort', () => wake.resolve());
      for (;;) {
        for (let event = events.shift(); event !== undefined; event = events.shift()) yield event;
        request.signal.throwIfAborted();
        if (over !== undefined) {
          if (over.error !== undefined) throw over.error;
          return;
        }
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    },
  };
  return { client, lists, answers, server, watches };
}

function page(resourceVersion: string, things: readonly Thing[], token?: string): unknown {
  return {
    metadata: { resourceVersion, ...(token === undefined ? {} : { continue: token }) },
    items: things.map(thing),
  };
}

function event(type: WatchEvent['type'], name: string, resourceVersion: string): WatchEvent {
  return { type, object: thing({ name, resourceVersion }) };
}

function bookmark(resourceVersion: string): WatchEvent {
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion } } };
}

function setUp(...answers: readonly unknown[]) {
  const stage = createStage();
  stage.answers.push(...answers);
  const clock = createManualClock();
  const changes: string[] = [];
  const errors: string[] = [];
  const listed: string[] = [];
  const stop = new AbortController();
  const reflector = createReflector<string>({
    name: 'things',
    client: stage.client,
    path: '/things',
    fieldSelector: 'metadata.name=x',
    keep: (object, meta) =>
      (object as { skip?: boolean }).skip === true ? undefined : `${meta.name}@${meta.resourceVersion}`,
    onChange: (change: Change<string>) =>
      changes.push(
        change.type === 'set' ? `set ${change.value} before ${String(change.previous)}` : `deleted ${change.previous}`,
      ),
    onListed: () => listed.push(changes.join(', ')),
    onError: (error, next) => errors.push(`${error.reason} ${next}`),
    clock,
    random: () => 1,
    limits: { page: { most: 2, bytes: 1000 } },
  });
  const ended = reflector.run(stop.signal);
  const last = (): OpenWatch => {
    const watch = stage.watches.at(-1);
    if (watch === undefined) throw new Error('no watch is open');
    return watch;
  };
  return { ...stage, clock, changes, errors, listed, reflector, stop, ended, last };
}

/** A reflector with one thing in its store, watching from version 10. */
async function setUpWatching() {
  const world = setUp(page('10', [{ name: 'a', resourceVersion: '1' }]));
  await settle();
  world.changes.length = 0;
  return world;
}

describe('createReflector', () => {
  it('lists in pages with its selector, is synced after the last, and watches from the version of the list', async () => {
    const { reflector, lists, last, changes } = setUp(
      page(
        '10',
        [
          { name: 'a', resourceVersion: '1' },
          { name: 'b', resourceVersion: '2', skip: true },
        ],
        'more',
      ),
      page('10', [{ name: 'c', resourceVersion: '3' }]),
    );
    await reflector.synced;
    await settle();
    const selector = { fieldSelector: 'metadata.name=x', limit: '2' };
    expect(lists.map(({ query }) => query)).toEqual([
      { ...selector, continue: undefined },
      { ...selector, continue: 'more' },
    ]);
    expect([...reflector.items]).toEqual([
      ['ns/a', 'a@1'],
      ['ns/c', 'c@3'],
    ]);
    expect(changes).toEqual(['set a@1 before undefined', 'set c@3 before undefined']);
    expect(last().from).toBe('10');
  });

  it('asks again for fewer from where it was, when a page is too large, and goes on with more as they are small', async () => {
    const tooLarge = new KubeError(0, 'TooLarge', 'the API server sent more than 1000 bytes');
    const large = { ...(page('10', [{ name: 'b', resourceVersion: '2' }], 'after b') as object), bytes: 700 };
    const { reflector, lists, errors } = setUp(
      page('10', [{ name: 'a', resourceVersion: '1' }], 'after a'),
      tooLarge,
      large,
      page('10', [{ name: 'c', resourceVersion: '3' }], 'after c'),
      page('10', [
        { name: 'd', resourceVersion: '4' },
        { name: 'e', resourceVersion: '5' },
      ]),
    );
    await reflector.synced;
    expect(lists.map(({ query, mostBytes }) => [query?.continue, query?.limit, mostBytes])).toEqual([
      [undefined, '2', 1000],
      ['after a', '2', 1000],
      ['after a', '1', undefined],
      ['after b', '1', undefined],
      ['after c', '2', 1000],
    ]);
    expect([...reflector.items.values()]).toEqual(['a@1', 'b@2', 'c@3', 'd@4', 'e@5']);
    expect(errors).toEqual([]);
  });

  it('stores nothing of a list that breaks off, and starts it anew', async () => {
    const { reflector, clock, changes, errors, lists } = setUp(
      page('10', [{ name: 'a', resourceVersion: '1' }], 'more'),
      new KubeError(0, 'ECONNRESET', 'reset'),
      page('12', [{ name: 'b', resourceVersion: '11' }]),
    );
    await settle();
    expect([...reflector.items]).toEqual([]);
    expect(reflector.hasSynced()).toBe(false);
    await clock.advance(100);
    expect([...reflector.items]).toEqual([['ns/b', 'b@11']]);
    expect(changes).toEqual(['set b@11 before undefined']);
    expect(errors).toEqual(['ECONNRESET relist']);
    expect(lists.map(({ query }) => query?.continue)).toEqual([undefined, 'more', undefined]);
  });

  it('takes in events and resumes an ended watch at once, from the last of them', async () => {
    const { last, changes, watches, reflector } = await setUpWatching();
    last().send(event('ADDED', 'b', '11'));
    last().send(event('MODIFIED', 'a', '12'));
    last().send(event('DELETED', 'b', '13'));
    last().end();
    await settle();
    expect(changes).toEqual(['set b@11 before undefined', 'set a@12 before a@1', 'deleted b@11']);
    expect(watches.map(({ from }) => from)).toEqual(['10', '13']);
    expect([...reflector.items]).toEqual([['ns/a', 'a@12']]);
  });

  it('resumes from a bookmark', async () => {
    const { last, watches } = await setUpWatching();
    last().send(bookmark('99'));
    last().end();
    await settle();
    expect(watches.map(({ from }) => from)).toEqual(['10', '99']);
  });

  it('does not spin on watches that end at once without an event', async () => {
    const { last, watches, clock } = await setUpWatching();
    for (const wait of [100, 200, 400, 800, 1500, 1500, 1500]) {
      last().end();
      await settle();
      expect(clock.sleeping()).toEqual([wait]);
      await clock.advance(wait);
    }
    expect(watches).toHaveLength(8);
  });

  it.each([
    ['an error event', fromStatus(410, JSON.stringify({ kind: 'Status', reason: 'Expired' }), undefined)],
    ['a 410', fromStatus(410, 'gone', undefined)],
  ])('lists anew after %s, telling only what differs', async (_title, error) => {
    const { answers, last, changes, listed, clock, watches, reflector } = await setUpWatching();
    last().send(event('ADDED', 'b', '11'));
    await settle();
    changes.length = 0;
    listed.length = 0;
    answers.push(
      page('20', [
        { name: 'a', resourceVersion: '1' },
        { name: 'c', resourceVersion: '15' },
      ]),
    );
    last().end(error);
    await clock.advance(100);
    expect(changes).toEqual(['deleted b@11', 'set c@15 before undefined']);
    expect(listed).toEqual(['deleted b@11, set c@15 before undefined']);
    expect(watches.map(({ from }) => from)).toEqual(['10', '20']);
    expect(reflector.health()).toEqual({
      synced: true,
      items: 2,
      lastEventAt: Date.UTC(2026, 0, 1) + 100,
      lastError: { reason: error.reason, at: Date.UTC(2026, 0, 1) },
      lists: 2,
      watches: 2,
    });
  });

  it('keeps its store and resumes where it was when a watch breaks', async () => {
    const { last, errors, clock, watches, reflector } = await setUpWatching();
    last().send(event('MODIFIED', 'a', '11'));
    last().end(new KubeError(0, 'UND_ERR_BODY_TIMEOUT', 'silent'));
    await clock.advance(100);
    expect([...reflector.items]).toEqual([['ns/a', 'a@11']]);
    expect(errors).toEqual(['UND_ERR_BODY_TIMEOUT resume']);
    expect(watches.map(({ from }) => from)).toEqual(['10', '11']);
  });

  it.each([
    ['broke', new KubeError(0, 'ECONNRESET', 'reset')],
    ['ended without even a bookmark', undefined],
  ])('lists anew where a watch %s and the API server knows less than before', async (_title, error) => {
    const { answers, server, last, changes, clock, watches, reflector, errors } = await setUpWatching();
    last().send(event('MODIFIED', 'a', '90'));
    last().send(bookmark('99'));
    last().end();
    await settle();
    changes.length = 0;
    // etcd was restored from a backup.
    server.version = '98';
    answers.push(page('98', [{ name: 'a', resourceVersion: '80' }]));
    last().end(error);
    await clock.advance(100);
    expect(changes).toEqual(['set a@80 before a@90']);
    expect(reflector.version()).toBe('98');
    expect(watches.map(({ from }) => from)).toEqual(['10', '99', '98']);
    expect(errors).toEqual(error === undefined ? [] : ['ECONNRESET resume']);
  });

  it('asks how far the API server is only where a watch broke or brought nothing, and until it is told', async () => {
    const { server, last, clock, watches, lists } = await setUpWatching();
    last().send(bookmark('99'));
    last().end();
    await settle();
    expect(server.asked).toBe(0);
    server.version = undefined;
    last().end(new KubeError(0, 'ECONNRESET', 'reset'));
    await clock.advance(100);
    expect([server.asked, watches.length]).toEqual([1, 2]);
    server.version = '99';
    await clock.advance(200);
    expect([server.asked, watches.length, last().from]).toEqual([2, 3, '99']);
    last().send(bookmark('100'));
    last().end();
    await settle();
    expect([server.asked, watches.length, lists.length]).toEqual([2, 4, 1]);
  });

  it('never comes back before Retry-After says', async () => {
    const { last, clock, watches } = await setUpWatching();
    last().end(fromStatus(429, 'slow down', '7'));
    await settle();
    expect(clock.sleeping()).toEqual([7000]);
    await clock.advance(7000);
    expect(watches).toHaveLength(2);
  });

  it('survives an object without metadata', async () => {
    const { last, errors, clock, watches } = await setUpWatching();
    last().send({ type: 'ADDED', object: { kind: 'Thing' } });
    await clock.advance(100);
    expect(errors).toEqual(['NotAnObject resume']);
    expect(watches.map(({ from }) => from)).toEqual(['10', '10']);
  });

  it('lists anew on request, though the watch is well, and goes on from there', async () => {
    const { answers, reflector, watches, changes, errors, clock } = await setUpWatching();
    let refreshed = false;
    const done = reflector.refresh(new AbortController().signal).then(() => {
      refreshed = true;
    });
    await settle();
    expect(refreshed).toBe(false);
    answers.push(page('30', [{ name: 'a', resourceVersion: '25' }]));
    // The list that the request began has no answer yet; one that is asked for again replaces it.
    const again = reflector.refresh(new AbortController().signal);
    await clock.advance(0);
    await Promise.all([done, again]);
    expect(changes).toEqual(['set a@25 before a@1']);
    expect(watches.map(({ from }) => from)).toEqual(['10', '30']);
    expect(errors).toEqual([]);
  });

  it('gives up waiting for a new list when it is told to', async () => {
    const { reflector } = await setUpWatching();
    const patience = new AbortController();
    const done = reflector.refresh(patience.signal);
    patience.abort();
    await expect(done).resolves.toBeUndefined();
  });

  it('ends when told to', async () => {
    const { stop, ended, watches } = await setUpWatching();
    stop.abort();
    await ended;
    expect(watches).toHaveLength(1);
  });

  it('tells of a list when all of it is known, and as of which version', async () => {
    const { reflector, lists, answers, last, clock, changes } = await setUpWatching();
    const seen: string[] = [];
    changes.push = (change) => seen.push(`${change}; ${reflector.items.size} known at ${String(reflector.version())}`);
    expect(reflector.version()).toBe('10');
    last().send(bookmark('15'));
    await settle();
    expect(reflector.version()).toBe('15');
    answers.push(
      page('20', [
        { name: 'b', resourceVersion: '18' },
        { name: 'c', resourceVersion: '19' },
      ]),
    );
    last().end(fromStatus(410, '', undefined));
    await clock.advance(1000);
    expect(lists).toHaveLength(2);
    expect(seen).toEqual([
      'deleted a@1; 2 known at 20',
      'set b@18 before undefined; 2 known at 20',
      'set c@19 before undefined; 2 known at 20',
    ]);
    last().send(event('ADDED', 'd', '21'));
    await settle();
    expect(seen.at(-1)).toBe('set d@21 before undefined; 3 known at 21');
  });

  it('in a hurry tries again at once, and begins with short waits anew', async () => {
    const { clock, reflector, last, watches } = await setUpWatching();
    for (let i = 0; i < 10; i++) {
      last().end(new KubeError(0, 'ECONNREFUSED', 'refused'));
      await settle();
      if (i < 9) await clock.advance(clock.sleeping()[0] ?? 0);
    }
    expect(clock.sleeping()).toEqual([1500]);
    const before = watches.length;
    reflector.hurry();
    await settle();
    expect(watches).toHaveLength(before + 1);
    last().end(new KubeError(0, 'ECONNREFUSED', 'refused'));
    await settle();
    expect(clock.sleeping()).toEqual([100]);
  });

  it('asked to refresh while it waits, lists at once', async () => {
    const { clock, reflector, last, answers, lists } = await setUpWatching();
    last().end(new KubeError(429, 'TooManyRequests', 'slow down', 60));
    await settle();
    expect(clock.sleeping()).toEqual([60_000]);
    answers.push(page('20', []));
    await reflector.refresh(new AbortController().signal);
    expect(lists).toHaveLength(2);
  });
});
