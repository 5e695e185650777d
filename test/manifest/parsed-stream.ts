import { parseAllDocuments } from 'yaml';

/** What each document of a stream means to the readers of Kubernetes: YAML with merge keys, of two keys the last. */
export function parseStream(text: string): readonly unknown[] {
  // A CR alone and a byte order mark inside of a stream are read by go-yaml and not by this library.
  const readable = text.replaceAll('\ufeff', '').replaceAll(/\r(?!\n)/g, '\n');
  const json = parseJsonStream(readable);
  if (json !== undefined) return json;
  const documents = parseAllDocuments(readable, { merge: true, uniqueKeys: false, strict: false, logLevel: 'error' });
  return (Array.isArray(documents) ? documents : []).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    return document.toJS({ maxAliasCount: -1 }) as unknown;
  });
}

/** JSON objects one after the other, each of which begins with its apiVersion. */
function parseJsonStream(text: string): readonly unknown[] | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    return [JSON.parse(text)];
  } catch {
    // Several, or no JSON at all.
  }
  try {
    return text
      .trim()
      .split(/(?<=\})\s*(?=\{\s*"apiVersion")/)
      .map((part): unknown => JSON.parse(part));
  } catch {
    return undefined;
  }
}
