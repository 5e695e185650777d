import type { Certificates } from './certificates.ts';
import type { Config } from './config.ts';
import { createWebhookServer, type ServerLoad, type WebhookServer, type WebhookServerOptions } from './http/server.ts';
import { listenAt } from './listen.ts';
import type { CertificateReports } from './telemetry/certificate-reports.ts';
import type { Logger } from './telemetry/logger.ts';
import { secureContextOptions } from './tls/secure-context.ts';

/** The HTTPS side and its certificate, joined. */
export interface Webhook {
  /** Listens as soon as there is a certificate; resolves then, or when it was closed before. Rejects when it cannot listen. */
  serve(): Promise<void>;
  isListening(): boolean;
  load(): ServerLoad;
  /** Ends {@link Webhook.serve}, or the server, giving requests under way `patienceMs` at most. */
  close(patienceMs: number): Promise<void>;
}

export interface WebhookOptions {
  readonly listen: Config['listen'];
  readonly certificates: Pick<Certificates, 'first' | 'source'>;
  readonly reports: Pick<CertificateReports, 'changed'>;
  readonly logger: Logger;
  readonly server: Omit<WebhookServerOptions, 'tls'>;
}

export function createWebhook({ listen, certificates, reports, logger, ...options }: WebhookOptions): Webhook {
  const closing = Promise.withResolvers<undefined>();
  let server: WebhookServer | undefined;
  let isClosing = false;
  let isListening = false;

  return {
    serve: async () => {
      const first = await Promise.race([certificates.first, closing.promise]);
      if (first === undefined || isClosing) return;
      const tls = secureContextOptions(certificates.source.current() ?? first);
      const created = createWebhookServer({ ...options.server, tls });
      certificates.source.onChange((certificate) => {
        created.app.server.setSecureContext(secureContextOptions(certificate));
        reports.changed(certificate);
      });
      server = created;
      await listenAt(created.app, listen);
      isListening = true;
      logger.info({ webhook: created.app.server.address() }, 'listening');
    },
    isListening: () => isListening,
    load: () => server?.load() ?? { connections: 0, inFlight: 0 },
    close: async (patienceMs) => {
      isClosing = true;
      isListening = false;
      closing.resolve(undefined);
      await server?.close(patienceMs);
    },
  };
}
