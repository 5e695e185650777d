import type { Cluster } from '../cluster/cluster.ts';
import type { Product } from './product.ts';
import type { Step } from './step.ts';

/** Where the story is shown: a cluster that has started, and that is stopped by whoever asked for the stage. */
export interface Stage extends AsyncDisposable {
  readonly cluster: Cluster;
  /** For shells: what makes kubectl talk to this cluster as its admin, and leave no file outside of its folder. */
  readonly settings: Readonly<Record<string, string>>;
  /** The folder that commands are typed in. */
  readonly workingFolder: string;
  /** Makes what the story begins with. */
  readonly prepare: () => Promise<Play>;
}

export interface Play {
  readonly product: Product;
  readonly story: readonly Step[];
  /** Commands for those who stay. */
  readonly whatToTry: string;
}

export interface StageOptions {
  readonly say: (line: string) => void;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Further flags of `pullkeeper serve`. */
  readonly serveFlags: readonly string[];
}
