import { describe, expect, it } from 'vitest';
import type { KubeRequest } from '../../src/kube/client.ts';
import { createEventRecorder, type EventObject } from '../../src/kube/events.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import { createManualClock, settle } from '../support/manual-clock.ts';

const TOM: EventObject = { apiVersion: 'v1', kind: 'Namespace', name: 'tom', namespace: 'tom', uid: 'u1' };
const NOTE = { type: 'Warning', reason: 'PullSecretConflict', message: 'it is taken' } as const;

function setUp() {
  const clock = createManualClock();
  const stop = new AbortController();
  const requests: KubeRequest[] = [];
  const errors: unknown[] = [];
  let failure: Error | undefined;
  const recorder = createEventRecorder({
    client: {
      call: (request) => {
        requests.push(request);
        return failure === undefined ? Promise.resolve({}) : Promise.reject(failure);
      },
    },
    instance: 'host_uuid',
    clock,
    random: () => 0.5,
    signal: stop.signal,
    onError: (error) => errors.push(error),
  });
  const fail = (error: Error | undefined): void => {
    failure = error;
  };
  return { clock, stop, requests, errors, recorder, fail };
}

describe('createEventRecorder', () => {
  it('creates an Event on the object, in its namespace', () => {
    const { requests, recorder } = setUp();
    recorder.record(TOM, NOTE);
    expect(requests).toEqual([
      {
        method: 'POST',
        path: '/api/v1/namespaces/tom/events',
        signal: expect.any(AbortSignal),
        body: {
          apiVersion: 'v1',
          kind: 'Event',
          metadata: { name: 'tom.800000000000', namespace: 'tom' },
          involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'tom', namespace: 'tom', uid: 'u1' },
          type: 'Warning',
          reason: 'PullSecretConflict',
          message: 'it is taken',
          source: { component: 'pullkeeper' },
          reportingComponent: 'pullkeeper',
          reportingInstance: 'host_uuid',
          firstTimestamp: '2026-01-01T00:00:00Z',
          lastTimestamp: '2026-01-01T00:00:00Z',
          count: 1,
        },
      },
    ]);
  });

  it('tells the same again only after ten minutes', async () => {
    const { clock, requests, recorder } = setUp();
    recorder.record(TOM, NOTE);
    recorder.record(TOM, NOTE);
    await clock.advance(599_999);
    recorder.record(TOM, NOTE);
    expect(requests).toHaveLength(1);
    expect(recorder.dropped()).toEqual({ repeated: 2, excess: 0 });
    await clock.advance(1);
    recorder.record(TOM, NOTE);
    expect(requests).toHaveLength(2);
  });

  it('takes another message, reason or object, one of the same name included, for something else', () => {
    const { requests, recorder } = setUp();
    recorder.record(TOM, NOTE);
    recorder.record(TOM, { ...NOTE, message: 'it is still taken' });
    recorder.record(TOM, { ...NOTE, reason: 'PullSecretEdited' });
    recorder.record({ ...TOM, uid: 'u2' }, NOTE);
    expect(requests).toHaveLength(4);
  });

  it('tells of one object 25 times at once, then once in five minutes', async () => {
    const { clock, requests, recorder } = setUp();
    for (let i = 0; i < 100; i++) recorder.record(TOM, { ...NOTE, message: `message ${i}` });
    expect(requests).toHaveLength(25);
    expect(recorder.dropped()).toEqual({ repeated: 0, excess: 75 });
    await clock.advance(300_000);
    for (let i = 100; i < 200; i++) recorder.record(TOM, { ...NOTE, message: `message ${i}` });
    expect(requests).toHaveLength(26);
  });

  it('tells of all objects 100 times at once, then five times a second', async () => {
    const { clock, requests, recorder } = setUp();
    const storm = (from: number): void => {
      for (let i = from; i < from + 1000; i++) recorder.record({ ...TOM, name: `n-${i}`, uid: `u-${i}` }, NOTE);
    };
    storm(0);
    expect(requests).toHaveLength(100);
    await clock.advance(1000);
    storm(1000);
    expect(requests).toHaveLength(105);
  });

  it('says what could not be sent, and sends it the next time', async () => {
    const { errors, requests, recorder, fail } = setUp();
    const error = new KubeError(500, 'InternalError', 'no');
    fail(error);
    recorder.record(TOM, NOTE);
    await settle();
    expect(errors).toEqual([error]);
    fail(undefined);
    recorder.record(TOM, NOTE);
    expect(requests).toHaveLength(2);
  });

  it('is silent about what the end of the program cut off', async () => {
    const { errors, stop, recorder, fail } = setUp();
    fail(new Error('aborted'));
    recorder.record(TOM, NOTE);
    stop.abort();
    await settle();
    expect(errors).toEqual([]);
  });

  it('cuts a message before the API server refuses it', () => {
    const { requests, recorder } = setUp();
    recorder.record({ ...TOM, name: 'n'.repeat(253) }, { ...NOTE, message: 'm'.repeat(5000) });
    const body = requests[0]?.body as { message: string; metadata: { name: string } };
    expect(body.message).toBe(`${'m'.repeat(999)}…`);
    expect(body.metadata.name.length).toBeLessThanOrEqual(253);
  });
});
