/** Why a request is not answered with a review: HTTP's status, a code for metrics and clients, a sentence for people. */
export interface Refusal {
  readonly status: 400 | 404 | 408 | 413 | 415 | 431 | 500 | 503;
  readonly code: RefusalCode;
  readonly sentence: string;
}

export type RefusalCode =
  | 'not-json'
  | 'not-utf8'
  | 'not-a-review'
  | 'not-application-json'
  | 'encoded'
  | 'too-large'
  | 'too-many-values'
  | 'bad-request'
  | 'headers-too-large'
  | 'too-slow'
  | 'not-found'
  | 'not-synced'
  | 'overloaded'
  | 'internal-error';

export const refusal = {
  notJson: (): Refusal => ({ status: 400, code: 'not-json', sentence: 'the body is not JSON' }),
  notUtf8: (): Refusal => ({ status: 400, code: 'not-utf8', sentence: 'the body is not UTF-8' }),
  notAReview: (sentence: string): Refusal => ({ status: 400, code: 'not-a-review', sentence }),
  notApplicationJson: (): Refusal => ({
    status: 415,
    code: 'not-application-json',
    sentence: 'the content type must be application/json',
  }),
  encoded: (): Refusal => ({
    status: 415,
    code: 'encoded',
    sentence: 'the body must be sent without content-encoding',
  }),
  tooLarge: (bytes: number): Refusal => ({
    status: 413,
    code: 'too-large',
    sentence: `the body is larger than ${bytes} bytes`,
  }),
  tooManyValues: (values: number): Refusal => ({
    status: 413,
    code: 'too-many-values',
    sentence: `the body holds more than ${values} JSON values`,
  }),
  badRequest: (): Refusal => ({ status: 400, code: 'bad-request', sentence: 'the request is not well-formed HTTP' }),
  headersTooLarge: (): Refusal => ({ status: 431, code: 'headers-too-large', sentence: 'the headers are too large' }),
  tooSlow: (): Refusal => ({ status: 408, code: 'too-slow', sentence: 'the request did not come in time' }),
  notFound: (): Refusal => ({
    status: 404,
    code: 'not-found',
    sentence: 'POST /mutate and POST /validate are served here',
  }),
  notSynced: (): Refusal => ({
    status: 503,
    code: 'not-synced',
    sentence: 'sources and namespaces are not known yet; try again in a second',
  }),
  overloaded: (): Refusal => ({
    status: 503,
    code: 'overloaded',
    sentence: 'more requests came than can be answered in time; try again in a second',
  }),
  internalError: (): Refusal => ({
    status: 500,
    code: 'internal-error',
    sentence: 'Pullkeeper failed on this request; its log says why',
  }),
};

/** What is sent: nothing of the request is in it. */
export function encodeRefusal({ code, sentence }: Refusal): string {
  return JSON.stringify({ error: { code, message: sentence } });
}

/** The API server's client tries again only where this header says when, in seconds. */
export function refusalHeaders({ status }: Refusal): Readonly<Record<string, string>> {
  return status === 503
    ? { 'content-type': 'application/json', 'retry-after': '1' }
    : { 'content-type': 'application/json' };
}
