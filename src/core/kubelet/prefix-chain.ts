/**
 * Finds every path of a set that is a prefix of a given text, in the time of one binary search and the prefixes
 * found, however many paths there are. Paths of one host are what grows (one a tenant), and the kubelet's rule is a
 * plain string prefix without a boundary at "/", so a table by path components would not do.
 */
export class PrefixChain<V> {
  readonly #links: readonly Link<V>[];

  /** Each path once. */
  constructor(values: ReadonlyMap<string, V>) {
    const paths = [...values].sort(([left], [right]) => (left < right ? -1 : 1));
    const links: Link<V>[] = [];
    for (const [path, value] of paths) {
      // In sorted order every prefix of a path stands on the chain that starts at the path before it.
      let shorter = links.at(-1);
      while (shorter !== undefined && !path.startsWith(shorter.path)) shorter = shorter.shorter;
      links.push({ path, value, shorter });
    }
    this.#links = links;
  }

  /** The values of all paths that `text` starts with, longest path first. */
  find(text: string): V[] {
    let link = this.#lastNotAfter(text);
    const found: V[] = [];
    while (link !== undefined) {
      if (text.startsWith(link.path)) found.push(link.value);
      link = link.shorter;
    }
    return found;
  }

  #lastNotAfter(text: string): Link<V> | undefined {
    let low = 0;
    let high = this.#links.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const link = this.#links[middle];
      if (link !== undefined && link.path <= text) low = middle + 1;
      else high = middle;
    }
    return this.#links[low - 1];
  }
}

interface Link<V> {
  readonly path: string;
  readonly value: V;
  /** The longest other path that this path starts with. */
  readonly shorter: Link<V> | undefined;
}
