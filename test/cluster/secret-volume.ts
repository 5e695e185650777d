import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A Secret as a kubelet mounts it: each entry is a symlink into `..data`, which is a symlink to a folder of one generation,
 * swapped whole by a rename. Here there is no kubelet: whoever holds it says when the minute is over after which one looks.
 */
export interface SecretVolume {
  readonly folder: string;
  /** Brings these entries, as the next generation. */
  write(entries: Readonly<Record<string, string>>): Promise<void>;
}

export async function createSecretVolume(folder: string): Promise<SecretVolume> {
  await mkdir(folder);
  let generations = 0;
  return {
    folder,
    write: async (entries) => {
      generations += 1;
      const generation = `..generation_${generations}`;
      await mkdir(join(folder, generation));
      for (const [name, content] of Object.entries(entries)) await writeFile(join(folder, generation, name), content);
      const before = await readlink(join(folder, '..data')).catch(() => undefined);
      await symlink(generation, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
      if (before !== undefined) return rm(join(folder, before), { recursive: true });
      for (const name of Object.keys(entries)) await symlink(join('..data', name), join(folder, name));
    },
  };
}
