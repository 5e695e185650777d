import type { FastifyInstance } from 'fastify';
import type { Certificates } from './certificates.ts';
import type { Controller } from './controller.ts';
import { createOpsServer } from './http/ops.ts';
import type { EventRecorder } from './kube/events.ts';
import type { Reflector } from './kube/reflector.ts';
import type { CertificateReports } from './telemetry/certificate-reports.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { readCertificateReadiness } from './tls/certificate-source.ts';

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly watches: readonly Reflector<unknown>[];
  readonly controller: Pick<Controller, 'queueDepth' | 'retrying'>;
  readonly events: Pick<EventRecorder, 'dropped'>;
  readonly certificates: Pick<Certificates, 'source'>;
  readonly certificateReports: Pick<CertificateReports, 'measure'>;
  readonly hasSynced: () => boolean;
  readonly isServing: () => boolean;
  readonly load: () => { readonly connections: number; readonly inFlight: number };
  readonly isLeading: () => boolean;
  /** Wall time, ms since the epoch. */
  readonly wallTime: () => number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** What those who run it ask: is it ready, and how is it. */
export function createOperations(options: OperationsOptions): FastifyInstance {
  const { metrics, certificates } = options;
  return createOpsServer({
    now: options.now,
    afterTurn: setImmediate,
    readiness: () => ({
      synced: options.hasSynced(),
      certificate: readCertificateReadiness(certificates.source.health(), new Date(options.wallTime())).ready,
      serving: options.isServing(),
    }),
    metrics: () => {
      for (const watch of options.watches) {
        const { items, lastEventAt } = watch.health();
        metrics.watchItems.set({ watch: watch.name }, items);
        if (lastEventAt !== undefined) metrics.watchLastEvent.set({ watch: watch.name }, lastEventAt / 1000);
      }
      const { connections, inFlight } = options.load();
      metrics.connections.set(connections);
      metrics.inFlight.set(inFlight);
      metrics.queueDepth.set(options.controller.queueDepth());
      metrics.retrying.set(options.controller.retrying());
      metrics.leading.set(options.isLeading() ? 1 : 0);
      const { repeated, excess } = options.events.dropped();
      metrics.eventsDropped.set({ reason: 'repeated' }, repeated);
      metrics.eventsDropped.set({ reason: 'excess' }, excess);
      options.certificateReports.measure(certificates.source.health());
      return metrics.render();
    },
  });
}
