import { describe, expect, it } from 'vitest';
import { fromStatus } from '../../src/kube/kube-error.ts';

describe('what Retry-After asks for', () => {
  it.each([
    ['0', 0],
    ['7', 7],
    ['32', 32],
    // Nothing of Kubernetes asks for more: somebody in between does, and does not know who waits here.
    ['33', 32],
    ['86400', 32],
    ['999999999999', 32],
    ['-1', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [undefined, undefined],
  ])('%s counts as %s seconds', (header, seconds) => {
    expect(fromStatus(503, '', header).retryAfterSeconds).toBe(seconds);
  });
});
