import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * Of the young generation, both halves together. V8 doubles them up to 64 MiB and more as soon as a start's lists have
 * passed through, and hardly ever gives that back. With halves of 4 MiB, reading reviews costs a tenth more CPU than with
 * unbounded ones.
 */
const YOUNG_BYTES = 4 * 1024 * 1024;
/**
 * How much more than what was alive may come to be before the old generation is collected again. V8 lets small heaps
 * grow to several times that: after a start half of it would be what the lists left behind.
 */
const OLD_PERCENT = 40;

/**
 * Has V8 keep its heap close to what is alive, at the price of collecting it more often: the largest cluster is to fit
 * into what the manifests ask for. V8 reads its own limits (`--max-semi-space-size`, …) before the program starts, and
 * whoever starts it would have to know them; these two factors of growth are read each time.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${OLD_PERCENT}`);
  // A young generation this small is collected in less time than its helper threads take to be woken on a busy machine.
  setFlagsFromString('--no-parallel-scavenge');
  const observer = new PerformanceObserver(limitYoung);
  observer.observe({ entryTypes: ['gc'] });
  limitYoung();

  function limitYoung(): void {
    if (youngGenerationBytes() < YOUNG_BYTES) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  }
}

export function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}
