import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { ControllerOwner } from '../core/pod/controller-owner.ts';
import { encodeReview, readReview, type AdmissionAnswer, type AdmissionRequest } from './admission-review.ts';
import { createBodyReader } from './body.ts';
import { limitConnections } from './connections.ts';
import { answerClientError, createHttpsServer } from './https.ts';
import { SERVER_LIMITS, type ServerLimits } from './limits.ts';
import { internalError, mutate, type Admission, type MutateOutcome } from './mutate.ts';
import { createOverloadGuard } from './overload.ts';
import { readPodReview, type PodReview } from './pod-review.ts';
import { encodeRefusal, refusal, refusalHeaders, type Refusal } from './refusal.ts';
import { validateSource, type JudgeSource, type ValidateCode } from './validate.ts';

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
  /** Default: those that this process is made for. */
  readonly limits?: ServerLimits;
}

/** The server, and how to end it. */
export interface WebhookServer {
  readonly app: FastifyInstance<Server>;
  /** For the metrics. */
  load(): ServerLoad;
  /** Takes no new connections, lets the requests under way end for `patienceMs` at most, and ends what is left. */
  close(patienceMs: number): Promise<void>;
}

export interface ServerLoad {
  readonly connections: number;
  /** Requests that are there as a whole and not answered yet. */
  readonly inFlight: number;
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
  const limits = options.limits ?? SERVER_LIMITS;
  let isClosing = false;
  const sendsAway = (): boolean => isClosing || options.isDraining();
  const guard = createOverloadGuard({ limits, now: options.now, afterTurn: setImmediate });
  const app = Fastify({
    // Says which scheme it is; the server itself is made below.
    https: options.tls,
    serverFactory: (handle) =>
      createHttpsServer(options.tls, limits, (request, response) => {
        if (guard.isTurnFull()) refuseEarly(response, refusal.overloaded());
        else handle(request, response);
      }),
    clientErrorHandler: (error, socket) => {
      const refused = answerClientError(error, socket);
      if (refused !== undefined) options.onRefused(refused.status, refused.code);
    },
    frameworkErrors: (error, _request, reply: FastifyReply) => void reply.send(refuse(reply, explainError(error))),
    exposeHeadRoutes: false,
    // A request that still comes over a connection that is about to end is answered like any other: nobody would repeat it.
    return503OnClosing: false,
    logger: false,
  });
  const connections = limitConnections(app.server, limits, options.now);
  const bodies = createBodyReader(limits, options.now, setImmediate);

  app.removeAllContentTypeParsers();
  // Only the type is judged here; the routes read the body themselves.
  app.addContentTypeParser('application/json', (_request, _payload, done) => done(null));

  app.post('/mutate', async (request, reply) => {
    if (!options.hasSynced()) return refuse(reply, refusal.notSynced());
    const received = await receive(request, reply, { isSource: false, read: readPodReview });
    if (received.kind === 'refused') return refuse(reply, received.refusal);
    const { review } = received;
    const startedAt = options.now();
    const outcome = await mutate(review, addressOf(request.raw), options.admission).catch((error: unknown) => {
      options.onInternalError(error);
      return internalError();
    });
    options.onOutcome(report(review, outcome, options.now() - startedAt));
    return answer(reply, review.uid, outcome.answer);
  });

  // A source is judged by itself: this needs no watch to have synced.
  app.post('/validate', async (request, reply) => {
    const received = await receive(request, reply, {
      isSource: true,
      read: (review) => ({ uid: review.uid, outcome: validateSource(review, options.judgeSource) }),
    });
    if (received.kind === 'refused') return refuse(reply, received.refusal);
    const { uid, outcome } = received.review;
    options.onValidated(outcome.code);
    return answer(reply, uid, outcome.answer);
  });

  app.setNotFoundHandler((_request, reply) => refuse(reply, refusal.notFound()));
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const refused = explainError(error);
    if (refused.status >= 500) options.onInternalError(error);
    return refuse(reply, refused);
  });

  /** Reads a request's body and takes of its review what `read` returns; the decoded body lives no longer than that. */
  function receive<T>(
    { raw: request }: FastifyRequest,
    { raw: response }: FastifyReply,
    { isSource, read }: { readonly isSource: boolean; readonly read: (review: AdmissionRequest) => T },
  ): Promise<{ kind: 'review'; review: T } | { kind: 'refused'; refusal: Refusal }> {
    return new Promise((resolve, reject) => {
      const onReceived = (): Refusal | undefined => startWork(request, response);
      bodies.read({ request, response, client: addressOf(request), isSource }, onReceived, (body) => {
        if (body.kind === 'refused') return resolve(body);
        try {
          const reading = readReview(body.value);
          if (reading.kind === 'invalid') resolve({ kind: 'refused', refusal: refusal.notAReview(reading.sentence) });
          else resolve({ kind: 'review', review: read(reading.request) });
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  function startWork({ socket }: IncomingMessage, response: ServerResponse): Refusal | undefined {
    if (!guard.enter()) return refusal.overloaded();
    connections.startWork(socket);
    response.once('close', () => {
      guard.leave();
      connections.endWork(socket);
    });
    return undefined;
  }

  /** What it returns is sent: waiting for a reply that is sent by itself would cost a tenth of a request. */
  function answer(reply: FastifyReply, uid: string, content: AdmissionAnswer): string {
    if (sendsAway()) reply.header('connection', 'close');
    reply.header('content-type', 'application/json');
    return encodeReview(uid, content);
  }

  function refuse(reply: FastifyReply, refused: Refusal): string {
    options.onRefused(refused.status, refused.code);
    if (sendsAway()) reply.header('connection', 'close');
    reply.code(refused.status).headers(refusalHeaders(refused));
    return encodeRefusal(refused);
  }

  /** Before anything is spent on the request; its body is read and dropped by Node. */
  function refuseEarly(response: ServerResponse, refused: Refusal): void {
    options.onRefused(refused.status, refused.code);
    if (sendsAway()) response.setHeader('connection', 'close');
    response.writeHead(refused.status, refusalHeaders(refused)).end(encodeRefusal(refused));
  }

  return {
    app,
    load: () => ({ connections: connections.count(), inFlight: guard.inFlight() }),
    close: async (patienceMs) => {
      isClosing = true;
      const patience = setTimeout(() => connections.destroy(), patienceMs);
      await app.close();
      clearTimeout(patience);
    },
  };
}

/** Empty when it is gone already. */
function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? '';
}

function report(
  { uid, namespace, podName, dryRun, controller }: PodReview,
  outcome: MutateOutcome,
  durationMs: number,
): OutcomeReport {
  return { uid, namespace, pod: podName, dryRun, controller, outcome, durationMs };
}

/** What Fastify found wrong before a route was reached, or what a route threw. */
function explainError(error: FastifyError): Refusal {
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return refusal.notApplicationJson();
  const isClients = error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500;
  return isClients ? refusal.badRequest() : refusal.internalError();
}
