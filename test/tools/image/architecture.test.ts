import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readArchitectures } from '../../../tools/image/architecture.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pk-archive-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Two layers, of which the second has the program. */
async function writeArchive(architecture: string, header: Buffer): Promise<string> {
  const tar = (file: string, name: string): void => {
    execFileSync('tar', ['--create', '--file', join(folder, file), '--directory', folder, ...name.split(' ')]);
  };
  await mkdir(join(folder, 'etc'));
  await mkdir(join(folder, 'pullkeeper'));
  await writeFile(join(folder, 'pullkeeper/node'), header);
  await writeFile(join(folder, 'config.json'), JSON.stringify({ architecture }));
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', Layers: ['base.tar', 'own.tar'] }]),
  );
  tar('base.tar', 'etc');
  tar('own.tar', 'pullkeeper');
  tar('image.tar', 'manifest.json config.json base.tar own.tar');
  return join(folder, 'image.tar');
}

function elf(machine: number): Buffer {
  const header = Buffer.alloc(64);
  header.write('\u007FELF', 'latin1');
  header.writeUInt16LE(machine, 18);
  return header;
}

it.each([
  ['amd64', 0x3e],
  ['arm64', 0xb7],
])('reads that an image and its program are for %s', async (architecture, machine) => {
  const archive = await writeArchive(architecture, elf(machine));
  expect(await readArchitectures(archive)).toEqual({ configuration: architecture, program: architecture });
});

it('tells when the program is for another processor than the image says', async () => {
  const archive = await writeArchive('arm64', elf(0x3e));
  expect(await readArchitectures(archive)).toEqual({ configuration: 'arm64', program: 'amd64' });
});

it('tells when the program is none', async () => {
  const archive = await writeArchive('arm64', Buffer.from('#!/bin/sh\n'));
  expect(await readArchitectures(archive)).toEqual({ configuration: 'arm64', program: 'no ELF file' });
});
