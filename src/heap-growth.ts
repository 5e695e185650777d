import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * What a half of the young generation is to grow to. V8 begins with 1 MiB, doubles it, up to 16 MiB and more, as soon as a
 * start's lists have passed through, and may go back to 1 MiB where little happens: with that a rotation needs a tenth more
 * CPU. With halves of 4 MiB it needs a tenth less, and 5 MB more.
 */
const YOUNG_HALF_BYTES = 2 * 1024 * 1024;
/** What V8 tells of a half lacks some of it, up to an eighth as seen; the size before is half of it. */
const TOLD_SHARE = 0.75;
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
  let isLimited = false;
  new PerformanceObserver(limitYoung).observe({ entryTypes: ['gc'] });
  limitYoung();

  /** After each collection, for good: halves that V8 made smaller must be able to grow again. */
  function limitYoung(): void {
    const isLargeEnough = youngHalfBytes() > YOUNG_HALF_BYTES * TOLD_SHARE;
    if (isLargeEnough === isLimited) return;
    isLimited = isLargeEnough;
    setFlagsFromString(`--semi-space-growth-factor=${isLimited ? 1 : 2}`);
  }
}

/** How much a half of the young generation can hold. */
export function youngHalfBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  return young === undefined ? 0 : young.space_used_size + young.space_available_size;
}
