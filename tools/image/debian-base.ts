import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BUILDAH_ENV, BUILDAH_STORAGE } from './engine.ts';
import { runLoudly, runQuietly } from './run-command.ts';

/** What the program needs at run time, as a distroless image has it: no shell, no package manager. */
const RUNTIME_PACKAGES = [
  'base-files',
  'libc6',
  'libstdc++6',
  'libgcc-s1',
  'libatomic1',
  'ca-certificates',
  'netbase',
  'tzdata',
];
/** What Node, `npm ci`, the bundler and the Dockerfile's other commands need besides the smallest Debian. */
const BUILD_PACKAGES = ['ca-certificates', 'libatomic1', 'libstdc++6', 'binutils-multiarch'];
const SUITE = 'bookworm';

export interface DebianBases {
  readonly base: string;
  readonly buildBase: string;
}

/**
 * Makes both base images from Debian's packages, for where the public ones cannot be pulled. The build base gets this
 * machine's npm, the Node that runs this, and its CA certificates, so that npm reaches what it reaches here.
 */
export async function makeDebianBases(arch: string): Promise<DebianBases> {
  if ((await runQuietly('mmdebstrap', ['--version'])).code !== 0) {
    throw new Error(
      'the public base images cannot be pulled, and mmdebstrap is not here to make others: on Debian, apt-get install -y --no-install-recommends mmdebstrap; or name your own by --base and --build-base',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'pullkeeper-image-'));
  try {
    await unpackPackages(join(folder, 'base.tar'), 'extract', RUNTIME_PACKAGES, arch);
    await unpackPackages(join(folder, 'build.tar'), 'minbase', BUILD_PACKAGES, undefined);
    await writeFile(join(folder, 'npm'), NPM_SCRIPT, { mode: 0o755 });
    const base = await buildBase(folder, `pullkeeper-base:${SUITE}-${arch}`, arch, 'FROM scratch\nADD base.tar /\n');
    const npmFolder = await findNpm();
    await runLoudly('cp', ['-rL', npmFolder, join(folder, 'npm-package')], process.env);
    await runLoudly('cp', [process.execPath, join(folder, 'node')], process.env);
    await runLoudly('cp', ['-L', '/etc/ssl/certs/ca-certificates.crt', join(folder, 'ca.crt')], process.env);
    const buildBaseName = await buildBase(
      folder,
      `pullkeeper-build-base:${SUITE}`,
      undefined,
      [
        'FROM scratch',
        'ADD build.tar /',
        'COPY node npm /usr/local/bin/',
        'COPY npm-package /usr/local/lib/npm',
        'COPY ca.crt /etc/ssl/certs/ca-certificates.crt',
        'ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt HOME=/tmp',
        '',
      ].join('\n'),
    );
    return { base, buildBase: buildBaseName };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const NPM_SCRIPT = '#!/bin/sh\nexec /usr/local/bin/node /usr/local/lib/npm/bin/npm-cli.js "$@"\n';

async function unpackPackages(
  tar: string,
  variant: 'extract' | 'minbase',
  packages: readonly string[],
  arch: string | undefined,
): Promise<void> {
  console.log(`unpacking Debian packages${arch === undefined ? '' : ` for ${arch}`}: ${packages.join(', ')}`);
  const args = [
    `--variant=${variant}`,
    '--quiet',
    ...(arch === undefined ? [] : [`--architectures=${arch}`]),
    `--include=${packages.join(',')}`,
    SUITE,
    tar,
  ];
  await runLoudly('mmdebstrap', args, process.env);
}

async function buildBase(folder: string, name: string, arch: string | undefined, dockerfile: string): Promise<string> {
  const file = join(folder, `Dockerfile.${name.replace(/\W/g, '-')}`);
  await writeFile(file, dockerfile);
  const image = `localhost/${name}`;
  const args = [
    ...['build', ...BUILDAH_STORAGE, '--quiet'],
    ...(arch === undefined ? [] : ['--arch', arch]),
    ...['-f', file, '-t', image, folder],
  ];
  await runLoudly('buildah', args, { ...process.env, ...BUILDAH_ENV });
  return image;
}

/** The npm package that the `npm` on PATH belongs to. */
async function findNpm(): Promise<string> {
  const script = process.env['npm_execpath'];
  if (script === undefined) throw new Error('run this by npm: npm run image');
  return dirname(dirname(script));
}
