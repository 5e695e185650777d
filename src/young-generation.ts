import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Both halves together. V8 doubles them up to 64 MiB and more as soon as a start's lists have passed through, and hardly
 * ever gives that back: a third of what the process then needs. With halves of 4 MiB, reading reviews costs a tenth more
 * CPU than with unbounded ones (docs/performance.md).
 */
const ENOUGH_BYTES = 4 * 1024 * 1024;

/**
 * Lets the heap's young generation grow to a few MiB and no further. V8's own limit (`--max-semi-space-size`) is read
 * before the program starts, and whoever starts it would have to know; the factor of growth is read each time.
 */
export function limitYoungGeneration(): void {
  const observer = new PerformanceObserver(limit);
  observer.observe({ entryTypes: ['gc'] });
  limit();

  function limit(): void {
    if (youngGenerationBytes() < ENOUGH_BYTES) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  }
}

export function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
