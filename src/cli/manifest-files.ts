import { readFile } from 'node:fs/promises';
import { decodeUtf8 } from '../core/sources/utf8.ts';
import type { ManifestStream } from '../manifest/injection.ts';
import { explainFileError } from './file-error.ts';

export type ManifestFile =
  | { readonly kind: 'stream'; readonly stream: ManifestStream }
  /** A sentence that starts with the file's name. */
  | { readonly kind: 'unreadable'; readonly sentence: string };

/** Reads one file of manifests, or standard input for `-`. */
export async function readManifestFile(path: string, stdin: AsyncIterable<Uint8Array>): Promise<ManifestFile> {
  const name = path === '-' ? 'standard input' : path;
  let bytes: Uint8Array;
  try {
    bytes = path === '-' ? await collect(stdin) : await readFile(path);
  } catch (error) {
    return { kind: 'unreadable', sentence: explainFileError(name, error) };
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    return {
      kind: 'unreadable',
      sentence: `${name}: it is not UTF-8: save it as UTF-8 (UTF-16 comes from PowerShell)`,
    };
  }
  return { kind: 'stream', stream: { name, text } };
}

async function collect(stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
