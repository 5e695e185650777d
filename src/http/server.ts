import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { readControllerOwner, type ControllerOwner } from '../core/pod/controller-owner.ts';
import { encodeReview, readReview } from './admission-review.ts';
import { trackConnections } from './connections.ts';
import { internalError, mutate, type Admission, type MutateOutcome } from './mutate.ts';
import { validateSource, type JudgeSource, type ValidateCode } from './validate.ts';

/** Two objects of 3 MiB (etcd's largest request, twice) and their envelope: what a review can be at most. */
const BODY_LIMIT = 7 * 1024 * 1024;
/** The API server's client keeps idle connections for 90 s: it must be the one that closes them. */
const KEEP_ALIVE_MS = 125_000;

export interface WebhookServerOptions {
  readonly tls: SecureContextOptions;
  readonly admission: Admission;
  /** False until every watch has had its first list. */
  readonly hasSynced: () => boolean;
  readonly onOutcome: (report: OutcomeReport) => void;
  readonly judgeSource: JudgeSource;
  readonly onValidated: (code: ValidateCode) => void;
  readonly onInternalError: (error: unknown) => void;
  readonly onRefused: (status: number, code: string) => void;
  /** While it drains, each answer tells the client to connect anew, elsewhere. */
  readonly isDraining: () => boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** The server, and how to end it. */
export interface WebhookServer {
  readonly app: FastifyInstance<Server>;
  /** Takes no new connections, lets the requests under way end for `patienceMs` at most, and ends what is left. */
  close(patienceMs: number): Promise<void>;
}

/** One answered review, for the log line and the metrics. */
export interface OutcomeReport {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly dryRun: boolean;
  readonly controller: ControllerOwner | undefined;
  readonly outcome: MutateOutcome;
  readonly durationMs: number;
}

/**
 * The HTTPS side. A request that is no review gets a 4xx with a JSON body `{"error":{"code","message"}}` that says what is
 * wrong; nothing of a body is ever logged or sent back.
 */
export function createWebhookServer(options: WebhookServerOptions): WebhookServer {
  const app = Fastify({
    https: options.tls,
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A whole request within 10 s: the API server gives up after timeoutSeconds, 3 by our configuration and 30 at most.
    requestTimeout: 10_000,
    exposeHeadRoutes: false,
    logger: false,
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body.toString()));
    } catch {
      done(new NotJsonError());
    }
  });

  app.post('/mutate', async (request, reply) => {
    if (!options.hasSynced()) return notReady(reply);
    const startedAt = options.now();
    const reading = readReview(request.body);
    if (reading.kind === 'invalid') return refuse(reply, 400, 'not-a-review', reading.sentence);
    const review = reading.request;
    const outcome = await mutate(review, options.admission).catch((error: unknown) => {
      options.onInternalError(error);
      return internalError();
    });
    options.onOutcome({
      uid: review.uid,
      namespace: review.namespace,
      pod: podName(review.name, review.object),
      dryRun: review.dryRun,
      controller: readControllerOwner(review.object),
      outcome,
      durationMs: options.now() - startedAt,
    });
    return reply.type('application/json').send(encodeReview(review.uid, outcome.answer));
  });

  // A source is judged by itself: this needs no watch to have synced.
  app.post('/validate', (request, reply) => {
    const reading = readReview(request.body);
    if (reading.kind === 'invalid') return refuse(reply, 400, 'not-a-review', reading.sentence);
    const outcome = validateSource(reading.request, options.judgeSource);
    options.onValidated(outcome.code);
    return reply.type('application/json').send(encodeReview(reading.request.uid, outcome.answer));
  });

  app.setNotFoundHandler((_request, reply) =>
    refuse(reply, 404, 'not-found', 'POST /mutate and POST /validate are served here'),
  );
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const [status, code, message] = describeError(error);
    if (status >= 500) options.onInternalError(error);
    return refuse(reply, status, code, message);
  });

  function notReady(reply: FastifyReply): FastifyReply {
    // The API server's client tries again only where this header says when.
    void reply.header('retry-after', '1');
    return refuse(reply, 503, 'not-synced', 'sources and namespaces are not known yet; try again in a second');
  }

  function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
    options.onRefused(status, code);
    return reply
      .code(status)
      .type('application/json')
      .send(JSON.stringify({ error: { code, message } }));
  }

  const connections = trackConnections(app.server);
  app.addHook('onSend', async (_request, reply) => {
    if (options.isDraining()) reply.header('connection', 'close');
  });

  return {
    app,
    close: async (patienceMs) => {
      const patience = setTimeout(() => connections.destroy(), patienceMs);
      await app.close();
      clearTimeout(patience);
    },
  };
}

class NotJsonError extends Error {
  readonly code = 'PULLKEEPER_NOT_JSON';
}

function describeError(error: FastifyError): readonly [status: number, code: string, message: string] {
  switch (error.code) {
    case 'PULLKEEPER_NOT_JSON':
      return [400, 'not-json', 'the body is not JSON'];
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return [413, 'too-large', `the body is larger than ${BODY_LIMIT} bytes`];
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return [415, 'not-application-json', 'the content type must be application/json'];
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return [400, 'wrong-length', 'the body is not as long as content-length says'];
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? [error.statusCode, 'bad-request', 'the request is not well-formed HTTP']
        : [500, 'internal-error', 'Pullkeeper failed on this request; its log says why'];
  }
}

/** For the log: the name, or generateName and a star. */
function podName(name: string, object: unknown): string {
  if (name !== '') return name.slice(0, 253);
  const metadata: unknown =
    typeof object === 'object' && object !== null && 'metadata' in object ? object.metadata : null;
  const prefix: unknown =
    typeof metadata === 'object' && metadata !== null && 'generateName' in metadata ? metadata.generateName : undefined;
  return typeof prefix === 'string' ? `${prefix.slice(0, 253)}*` : '';
}
