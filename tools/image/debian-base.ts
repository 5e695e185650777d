import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildahBuild, readLabel } from './buildah.ts';
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
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

export interface DebianBases {
  readonly base: string;
  readonly buildBase: string;
}

/**
 * Makes both base images from Debian's packages, for where the public ones cannot be pulled, unless they are there of
 * today. The build base gets this machine's npm, the Node that runs this, and its CA certificates, so that npm reaches
 * what it reaches here.
 */
export async function makeDebianBases(arch: string): Promise<DebianBases> {
  if ((await runQuietly('mmdebstrap', ['--version'])).code !== 0) {
    throw new Error(
      'the public base images cannot be pulled, and mmdebstrap is not here to make others: on Debian, apt-get install -y --no-install-recommends mmdebstrap; or name your own by --base and --build-base',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'pullkeeper-image-'));
  try {
    return { base: await makeBase(folder, arch), buildBase: await makeBuildBase(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `arch` is unpacked and not run, so it can be any. */
async function makeBase(folder: string, arch: string): Promise<string> {
  const image = `localhost/pullkeeper-base:${SUITE}-${arch}`;
  const dockerfile = 'FROM scratch\nADD base.tar /\n';
  return makeUnlessThere({ folder, image, dockerfile, arch, madeFrom: [RUNTIME_PACKAGES] }, () =>
    unpackPackages(join(folder, 'base.tar'), 'extract', RUNTIME_PACKAGES, arch),
  );
}

async function makeBuildBase(folder: string): Promise<string> {
  const image = `localhost/pullkeeper-build-base:${SUITE}`;
  const npmFolder = await findNpm();
  const madeFrom = [
    BUILD_PACKAGES,
    process.version,
    await readFile(join(npmFolder, 'package.json'), 'utf8'),
    await readFile(CERTIFICATES, 'utf8'),
  ];
  return makeUnlessThere({ folder, image, dockerfile: BUILD_DOCKERFILE, madeFrom }, async () => {
    await unpackPackages(join(folder, 'build.tar'), 'minbase', BUILD_PACKAGES, undefined);
    await writeFile(join(folder, 'npm'), NPM_SCRIPT, { mode: 0o755 });
    await runLoudly('cp', ['-rL', npmFolder, join(folder, 'npm-package')], process.env);
    await runLoudly('cp', [process.execPath, join(folder, 'node')], process.env);
    await runLoudly('cp', ['-L', CERTIFICATES, join(folder, 'ca.crt')], process.env);
  });
}

const BUILD_DOCKERFILE = `FROM scratch
ADD build.tar /
COPY node npm /usr/local/bin/
COPY npm-package /usr/local/lib/npm
COPY ca.crt ${CERTIFICATES}
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=${CERTIFICATES} HOME=/tmp
`;

const NPM_SCRIPT = '#!/bin/sh\nexec /usr/local/bin/node /usr/local/lib/npm/bin/npm-cli.js "$@"\n';

interface Base {
  readonly folder: string;
  readonly image: string;
  readonly dockerfile: string;
  readonly arch?: string;
  /** What decides what it holds, besides the day: packages of the suite change. */
  readonly madeFrom: readonly unknown[];
}

const LABEL = 'dev.pullkeeper.made-from';

async function makeUnlessThere(base: Base, prepare: () => Promise<void>): Promise<string> {
  const { folder, image, dockerfile, arch } = base;
  const today = new Date().toISOString().slice(0, '2026-12-31'.length);
  const text = JSON.stringify([today, SUITE, dockerfile, base.madeFrom]);
  const madeFrom = createHash('sha256').update(text).digest('hex');
  if ((await readLabel(image, LABEL)) === madeFrom) {
    console.log(`${image} is here, of today`);
    return image;
  }
  await prepare();
  const file = join(folder, `Dockerfile.${image.replace(/\W/g, '-')}`);
  await writeFile(file, dockerfile);
  const forArch = arch === undefined ? [] : ['--arch', arch];
  await buildahBuild(image, [
    '--quiet',
    ...forArch,
    '--label',
    `${LABEL}=${madeFrom}`,
    '-f',
    file,
    '-t',
    image,
    folder,
  ]);
  return image;
}

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

/** The npm package that the `npm` on PATH belongs to. */
async function findNpm(): Promise<string> {
  const script = process.env['npm_execpath'];
  if (script === undefined) throw new Error('run this by npm: npm run image');
  return dirname(dirname(script));
}
