import { fromWatchError, KubeError } from './kube-error.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: unknown;
}

/** The parser's own message quotes what it read, which may be a Secret: it is not passed on. */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubeError(0, 'NotJson', `the API server sent ${text.length} characters that are not JSON`);
  }
}

/** Throws KubeError for an ERROR event. */
export function decodeWatchLine(line: string): WatchEvent {
  const event = parseAnswer(line);
  if (typeof event === 'object' && event !== null && 'type' in event && 'object' in event) {
    const { type, object } = event;
    if (type === 'ERROR') throw fromWatchError(object);
    if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK') return { type, object };
  }
  throw new KubeError(0, 'NotAWatchEvent', 'the API server sent a line that is not a watch event');
}

/** The lines of a stream of UTF-8. What is left without a line end was cut in the middle, and is dropped. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  // The parts of a line that is not complete yet: joined once, so a large object costs no quadratic copying.
  let parts: string[] = [];
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      let line = text.slice(start, end);
      if (parts.length > 0) {
        line = parts.join('') + line;
        parts = [];
      }
      start = end + 1;
      if (line !== '') yield line;
    }
    if (start < text.length) parts.push(text.slice(start));
  }
}
