/** `npm run image`: builds the Dockerfile with what is here, and prints the image's size. */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { arch as machineArch, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readArchitectures } from './architecture.ts';
import { BUILDAH_STORAGE, buildahBuild } from './buildah.ts';
import { makeDebianBases } from './debian-base.ts';
import { findEngine, type Engine } from './engine.ts';
import { runLoudly, runQuietly } from './run-command.ts';

const ROOT = join(import.meta.dirname, '../..');
const HELP = `Usage: npm run image [-- OPTIONS]

Builds Pullkeeper's image from the Dockerfile, with docker or podman where an engine runs, else with buildah, and prints
its size. Where the public base images cannot be pulled, buildah makes both from Debian packages (mmdebstrap).

Options:
  --tag NAME          the image's name (default: pullkeeper:VERSION, or pullkeeper:VERSION-ARCH for another processor)
  --platform PLATFORM linux/amd64 or linux/arm64 (default: this machine's); nothing of another processor is run: what
                      was built for it is looked at, not tried
  --base IMAGE        what the program runs on: glibc, libstdc++ and CA certificates
  --build-base IMAGE  where the bundle is made: a shell, Node 20 or later, npm
  --output FILE       also writes the image as an archive, as docker load, ctr images import and skopeo read it
  --help              show this and exit
`;

interface Options {
  readonly tag: string;
  readonly arch: Arch;
  readonly base: string | undefined;
  readonly buildBase: string | undefined;
  readonly output: string | undefined;
}

type Arch = 'amd64' | 'arm64';

const DEFAULT_BASE = 'gcr.io/distroless/cc-debian12:nonroot';

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      platform: { type: 'string' },
      base: { type: 'string' },
      'build-base': { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const arch = values.platform === undefined ? OWN_ARCH : readPlatform(values.platform);
  const options: Options = {
    tag: values.tag ?? `pullkeeper:${version}${arch === OWN_ARCH ? '' : `-${arch}`}`,
    arch,
    base: values.base,
    buildBase: values['build-base'],
    output: values.output,
  };
  const engine = await findEngine();
  console.log(`building ${options.tag} for linux/${options.arch} with ${engine.kind}`);
  await build(engine, options, version);
  await report(engine, options);
  return 0;
}

const OWN_ARCH: Arch = machineArch() === 'arm64' ? 'arm64' : 'amd64';

function readPlatform(platform: string): Arch {
  const [, arch] = /^linux\/(amd64|arm64)$/.exec(platform) ?? [];
  if (arch === 'amd64' || arch === 'arm64') return arch;
  throw new Error(`--platform is linux/amd64 or linux/arm64, not ${platform}`);
}

async function build(engine: Engine, options: Options, version: string): Promise<void> {
  const revision = (await runQuietly('git', ['-C', ROOT, 'rev-parse', 'HEAD'])).stdout.trim() || 'unknown';
  const bases = await chooseBases(engine, options);
  const buildArgs = {
    VERSION: version,
    REVISION: revision,
    TARGETARCH: options.arch,
    // What other builders know by themselves.
    ...(engine.kind === 'buildah'
      ? { BUILDPLATFORM: `linux/${OWN_ARCH}`, TARGETPLATFORM: `linux/${options.arch}` }
      : {}),
    ...(bases.base === undefined ? {} : { BASE: bases.base }),
    ...(bases.libatomic === undefined ? {} : { LIBATOMIC: bases.libatomic }),
    ...(bases.buildBase === undefined ? {} : { BUILD_BASE: bases.buildBase }),
  };
  const flags = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const args = ['--platform', `linux/${options.arch}`, ...flags, '-t', options.tag, ROOT];
  if (engine.kind === 'buildah') await buildahBuild(options.tag, args);
  else await runLoudly(engine.kind, ['build', ...args], process.env);
}

async function chooseBases(
  engine: Engine,
  options: Options,
): Promise<{ base?: string; buildBase?: string; libatomic?: string }> {
  const named = {
    ...(options.base === undefined ? {} : { base: options.base }),
    ...(options.buildBase === undefined ? {} : { buildBase: options.buildBase }),
  };
  if (engine.kind !== 'buildah' || (options.base !== undefined && options.buildBase !== undefined)) return named;
  const pull = await runQuietly('buildah', [
    'pull',
    ...BUILDAH_STORAGE,
    '--arch',
    options.arch,
    '--quiet',
    DEFAULT_BASE,
  ]);
  if (pull.code === 0) return named;
  console.log(`${DEFAULT_BASE} cannot be pulled here: making the bases from Debian packages`);
  const made = await makeDebianBases(options.arch);
  return { ...made, libatomic: made.base, ...named };
}

async function report(engine: Engine, options: Options): Promise<void> {
  const { tag, arch, output } = options;
  const inspect =
    engine.kind === 'buildah'
      ? await runQuietly('buildah', ['images', ...BUILDAH_STORAGE, '--format', '{{.Size}}', tag])
      : await runQuietly(engine.kind, ['image', 'inspect', '--format', '{{.Size}}', tag]);
  console.log(`${tag}: ${inspect.stdout.trim()}${engine.kind === 'buildah' ? '' : ' bytes'}`);
  if (output !== undefined) {
    await save(engine, tag, output);
    console.log(`${output}: ${(await stat(output)).size} bytes`);
  }
  if (arch !== OWN_ARCH) await lookAt(engine, options);
}

/** What can be said of an image that cannot be run here. */
async function lookAt(engine: Engine, { tag, arch, output }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pullkeeper-image-'));
  try {
    const archive = output ?? join(folder, 'image.tar');
    if (output === undefined) await save(engine, tag, archive);
    const { configuration, program } = await readArchitectures(archive);
    if (configuration !== arch || program !== arch) {
      throw new Error(`${tag} is not for ${arch}: its configuration says ${configuration}, its Node is for ${program}`);
    }
    console.log(
      `${tag}: built for linux/${arch}, by its configuration and by the ELF header of its Node; not run here`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function save(engine: Engine, tag: string, archive: string): Promise<void> {
  const args =
    engine.kind === 'buildah'
      ? ['push', ...BUILDAH_STORAGE, '--quiet', tag, `docker-archive:${archive}:${tag}`]
      : ['save', '--output', archive, tag];
  await runLoudly(engine.kind, args, process.env);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`image: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
