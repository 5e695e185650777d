import type { NodeDocument } from './manifest-stream.ts';

/** The document that an edit is made in, and what is added to it. */
export interface EditContext {
  /** The document's text; the nodes' offsets count in it. */
  readonly text: string;
  readonly document: NodeDocument;
  readonly secretName: string;
  /** JSON, in which only double quotes will do. */
  readonly isJson: boolean;
}
