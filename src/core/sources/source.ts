import { readDockerConfig } from './docker-config.ts';
import { readEntries, type SourceEntry } from './docker-entry.ts';
import type { Refusal } from './refusal.ts';
import { readScope, type ScopeResult } from './scope.ts';
import { secretFormat, type SecretFormat } from './secret-format.ts';
import { refuseSource } from './refusal.ts';
import { warnNoScope, type SourceWarning } from './source-warning.ts';

/** What Pullkeeper reads of a Secret in its own namespace. Holds credentials. */
export interface SourceSecret {
  readonly name: string;
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Decoded from the API's base64. */
  readonly data: Readonly<Record<string, Uint8Array>>;
}

/** What a Secret means: where it may go, what it holds, and what of it is refused or may surprise. */
export interface Source {
  readonly name: string;
  readonly scope: ScopeResult;
  /** In the order of the file, each registry once. Empty when the whole source is refused. */
  readonly entries: readonly SourceEntry[];
  /** Every problem at once. */
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly SourceWarning[];
}

/**
 * Reads a Secret as a source. Never throws: whatever it holds ends in entries or in named refusals. A Secret that is no
 * pull Secret and has no annotation of Pullkeeper's is not meant as a source: it gives nothing, and nothing is refused.
 */
export function readSource(secret: SourceSecret): Source {
  const { scope, refusals: scopeRefusals } = readScope(secret.annotations);
  const format = secretFormat(secret.type);
  if (format === undefined) {
    const refusals = scope.kind === 'none' ? [] : [refuseType(secret.type), ...scopeRefusals];
    return { name: secret.name, scope, entries: [], refusals, warnings: [] };
  }

  const { entries, refusals, warnings } = readData(format, secret.data);
  return {
    name: secret.name,
    scope,
    entries,
    refusals: [...scopeRefusals, ...refusals],
    warnings: scope.kind === 'none' ? [warnNoScope(), ...warnings] : warnings,
  };
}

type Content = Pick<Source, 'entries' | 'refusals' | 'warnings'>;

function readData(format: SecretFormat, data: Readonly<Record<string, Uint8Array>>): Content {
  const bytes = Object.hasOwn(data, format.dataKey) ? data[format.dataKey] : undefined;
  if (bytes === undefined) {
    const sentence = `the data key is missing: a Secret of type ${format.type} holds ${format.example} under it`;
    return { entries: [], refusals: [refuseSource('data-missing', format.dataKey, sentence)], warnings: [] };
  }

  const config = readDockerConfig(format, bytes);
  const { entries, refusals, warnings } = readEntries(config.entries, config.hasCredentialHelper);
  return {
    entries: config.refusals.length > 0 ? [] : entries,
    refusals: [...config.refusals, ...refusals],
    warnings,
  };
}

function refuseType(type: string): Refusal {
  return refuseSource(
    'secret-type',
    'type',
    `a source is a Secret of type kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg, not ${type === '' ? 'Opaque' : type}: create it anew with kubectl create secret docker-registry`,
  );
}
