import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Everything that is counted, by its Prometheus name. Label values are codes from the program, never a user's words. */
export interface Metrics {
  readonly reviews: Counter<'decision' | 'secret'>;
  readonly reviewSeconds: Histogram;
  readonly refusedRequests: Counter<'code'>;
  readonly inFlight: Gauge;
  readonly connections: Gauge;
  readonly validations: Counter<'code'>;
  readonly secretPlans: Counter<'action' | 'code'>;
  readonly reconcileErrors: Counter<'reason'>;
  readonly sourceRefusals: Gauge<'source'>;
  readonly registryConflicts: Counter<'reason'>;
  readonly eventsDropped: Gauge<'reason'>;
  readonly leading: Gauge;
  readonly retrying: Gauge;
  readonly watchErrors: Counter<'watch' | 'reason'>;
  readonly watchItems: Gauge<'watch'>;
  readonly watchLastEvent: Gauge<'watch'>;
  readonly queueDepth: Gauge;
  readonly certificateExpiry: Gauge;
  readonly certificateLastRotation: Gauge;
  readonly certificateLastError: Gauge<'code'>;
  readonly certificateSteps: Counter<'code'>;
  readonly certificateTroubles: Counter<'code'>;
  render(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    reviews: new Counter({
      name: 'pullkeeper_admission_reviews_total',
      help: 'AdmissionReviews of Pods answered, by decision and by how it stood with the managed Secret',
      labelNames: ['decision', 'secret'],
      registers,
    }),
    reviewSeconds: new Histogram({
      name: 'pullkeeper_admission_duration_seconds',
      help: 'Time from a decoded request to its answer',
      // From a cache hit (under a millisecond) to the API server's own patience (timeoutSeconds 3).
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
      registers,
    }),
    refusedRequests: new Counter({
      name: 'pullkeeper_refused_requests_total',
      help: 'Requests to the webhook answered with a 4xx or 5xx, by code',
      labelNames: ['code'],
      registers,
    }),
    inFlight: new Gauge({
      name: 'pullkeeper_requests_in_flight',
      help: 'Requests to the webhook that are there as a whole and not answered yet',
      registers,
    }),
    connections: new Gauge({
      name: 'pullkeeper_connections',
      help: 'Connections to the webhook, idle ones included',
      registers,
    }),
    validations: new Counter({
      name: 'pullkeeper_source_validations_total',
      help: "Secrets on their way into Pullkeeper's own namespace, by what was answered",
      labelNames: ['code'],
      registers,
    }),
    secretPlans: new Counter({
      name: 'pullkeeper_secret_plans_total',
      help: 'Plans made for managed Secrets, by action and reason',
      labelNames: ['action', 'code'],
      registers,
    }),
    reconcileErrors: new Counter({
      name: 'pullkeeper_reconcile_errors_total',
      help: 'Writes of managed Secrets that failed and are tried again, by reason',
      labelNames: ['reason'],
      registers,
    }),
    sourceRefusals: new Gauge({
      name: 'pullkeeper_source_refusals',
      help: 'Entries of a source that are refused now',
      labelNames: ['source'],
      registers,
    }),
    registryConflicts: new Counter({
      name: 'pullkeeper_registry_conflicts_total',
      help: 'Sources that lost a registry to another source in some namespaces, by what decided',
      labelNames: ['reason'],
      registers,
    }),
    eventsDropped: new Gauge({
      name: 'pullkeeper_events_dropped',
      help: 'Events not sent since the start: told already, or too many',
      labelNames: ['reason'],
      registers,
    }),
    leading: new Gauge({
      name: 'pullkeeper_leader',
      help: '1 on the replica that writes, 0 on the others',
      registers,
    }),
    retrying: new Gauge({
      name: 'pullkeeper_reconcile_retrying',
      help: 'Namespaces whose last write failed and is tried again',
      registers,
    }),
    watchErrors: new Counter({
      name: 'pullkeeper_watch_errors_total',
      help: 'Lists and watches that failed and were taken up again, by reason',
      labelNames: ['watch', 'reason'],
      registers,
    }),
    watchItems: new Gauge({
      name: 'pullkeeper_watch_items',
      help: 'Objects held from a watch',
      labelNames: ['watch'],
      registers,
    }),
    watchLastEvent: new Gauge({
      name: 'pullkeeper_watch_last_event_timestamp_seconds',
      help: 'When a watch last brought anything, bookmarks included',
      labelNames: ['watch'],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'pullkeeper_reconcile_queue_depth',
      help: 'Namespaces that wait for their managed Secret to be looked at, or are being looked at',
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'pullkeeper_certificate_expiry_timestamp_seconds',
      help: 'When the certificate being served ends; 0 before there is one',
      registers,
    }),
    certificateLastRotation: new Gauge({
      name: 'pullkeeper_certificate_last_rotation_timestamp_seconds',
      help: 'When the certificate being served was taken up; 0 before there is one',
      registers,
    }),
    certificateLastError: new Gauge({
      name: 'pullkeeper_certificate_last_error',
      help: '1 while a certificate that is offered is not used, by reason; absent when what is offered is served',
      labelNames: ['code'],
      registers,
    }),
    certificateSteps: new Counter({
      name: 'pullkeeper_certificate_rotation_steps_total',
      help: 'Steps of the certificate rotation that this replica took while it led',
      labelNames: ['code'],
      registers,
    }),
    certificateTroubles: new Counter({
      name: 'pullkeeper_certificate_rotation_troubles_total',
      help: 'What kept the certificate rotation from going on, each followed by another try',
      labelNames: ['code'],
      registers,
    }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
