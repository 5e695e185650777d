import { describe, expect, it } from 'vitest';
import { readSource } from '../../src/core/sources/source.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createReports } from '../../src/telemetry/reports.ts';

const NOT_JSON = { '.dockerconfigjson': new TextEncoder().encode('{"auths":') };

function setUp() {
  const events: string[] = [];
  const metrics = createMetrics();
  const reports = createReports({
    logger: createLogger('info', { write: () => undefined }),
    metrics,
    events: { record: ({ name }, { reason }) => void events.push(`${name} ${reason}`) },
    isLeading: () => true,
    ownNamespace: 'own',
    secretName: 'pullkeeper',
  });
  return {
    events,
    tell: (annotations: Readonly<Record<string, string>>, data: Readonly<Record<string, Uint8Array>> = NOT_JSON) =>
      reports.source(
        'harbor',
        'u',
        readSource({ name: 'harbor', type: 'kubernetes.io/dockerconfigjson', annotations, data }),
      ),
    refusals: async (): Promise<readonly string[]> =>
      (await metrics.render()).text.split('\n').filter((line) => line.startsWith('pullkeeper_source_refusals{')),
  };
}

describe('a pull Secret that cannot be read', () => {
  it('is counted and told of when it is a source', async () => {
    const { tell, refusals, events } = setUp();
    tell({ 'pullkeeper.dev/namespaces': '*' });
    expect(await refusals()).toEqual(['pullkeeper_source_refusals{source="harbor"} 1']);
    expect(events).toEqual(['harbor SourceRefused']);
  });

  it('is nobody’s trouble without a scope: it is no source', async () => {
    const { tell, refusals, events } = setUp();
    tell({});
    expect(await refusals()).toEqual([]);
    expect(events).toEqual([]);
  });

  it('is no trouble any more once its scope is taken away', async () => {
    const { tell, refusals } = setUp();
    tell({ 'pullkeeper.dev/namespaces': '*' });
    tell({});
    expect(await refusals()).toEqual([]);
  });
});
