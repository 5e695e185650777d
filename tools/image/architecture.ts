import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Architectures {
  /** As the image's configuration says: `arm64`. */
  readonly configuration: string;
  /** As the ELF header of the Node in it says, in the same words. */
  readonly program: string;
}

/** Where the Dockerfile puts Node, as a layer names it. */
const PROGRAM = 'pullkeeper/node';

/** Reads for which processors an image is, out of an archive as `docker save` writes it. Runs nothing of it. */
export async function readArchitectures(archive: string): Promise<Architectures> {
  const folder = await mkdtemp(join(tmpdir(), 'pullkeeper-archive-'));
  try {
    await run('tar', ['--extract', '--file', archive, '--directory', folder]);
    const [manifest] = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as [Manifest];
    const config = JSON.parse(await readFile(join(folder, manifest.Config), 'utf8')) as { architecture: string };
    for (const layer of manifest.Layers) {
      // What the layer lacks, tar says on its error output.
      const args = ['--extract', '--file', join(folder, layer), '--directory', folder, PROGRAM];
      const has = await run('tar', args).then(
        () => true,
        () => false,
      );
      if (has) return { configuration: config.architecture, program: await readElf(join(folder, PROGRAM)) };
    }
    throw new Error(`no layer of ${archive} has ${PROGRAM}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly Config: string;
  readonly Layers: readonly string[];
}

/** e_machine of an ELF header: two bytes at offset 18 (elf(5)), little-endian in files of these two. */
const MACHINES: ReadonlyMap<number, string> = new Map([
  [0x3e, 'amd64'],
  [0xb7, 'arm64'],
]);

async function readElf(file: string): Promise<string> {
  await using program = await open(file);
  const header = Buffer.alloc(20);
  await program.read(header, 0, header.length, 0);
  if (header.toString('latin1', 0, 4) !== '\u007FELF') return 'no ELF file';
  const machine = header.readUInt16LE(18);
  return MACHINES.get(machine) ?? `machine ${machine}`;
}
