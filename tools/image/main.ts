/** `npm run image`: builds the Dockerfile with what is here, and prints the image's size. */
import { readFile, stat } from 'node:fs/promises';
import { arch as machineArch } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeDebianBases } from './debian-base.ts';
import { BUILDAH_ENV, BUILDAH_STORAGE, findEngine, type Engine } from './engine.ts';
import { runLoudly, runQuietly } from './run-command.ts';

const ROOT = join(import.meta.dirname, '../..');
const HELP = `Usage: npm run image [-- OPTIONS]

Builds Pullkeeper's image from the Dockerfile, with docker or podman where an engine runs, else with buildah, and prints
its size. Where the public base images cannot be pulled, buildah makes both from Debian packages (mmdebstrap).

Options:
  --tag NAME          the image's name (default: pullkeeper:VERSION)
  --arch ARCH         amd64 or arm64 (default: this machine's)
  --base IMAGE        what the program runs on: glibc, libstdc++ and CA certificates
  --build-base IMAGE  where the bundle is made: a shell, Node 20 or later, npm
  --output FILE       also writes the image as an archive, as docker load, ctr images import and skopeo read it
  --help              show this and exit
`;

interface Options {
  readonly tag: string;
  readonly arch: string;
  readonly base: string | undefined;
  readonly buildBase: string | undefined;
  readonly output: string | undefined;
}

const DEFAULT_BASE = 'gcr.io/distroless/cc-debian12:nonroot';

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      tag: { type: 'string' },
      arch: { type: 'string' },
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
  const options: Options = {
    tag: values.tag ?? `pullkeeper:${version}`,
    arch: values.arch ?? (machineArch() === 'arm64' ? 'arm64' : 'amd64'),
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

async function build(engine: Engine, options: Options, version: string): Promise<void> {
  const revision = (await runQuietly('git', ['-C', ROOT, 'rev-parse', 'HEAD'])).stdout.trim() || 'unknown';
  const bases = await chooseBases(engine, options);
  const buildArgs = {
    VERSION: version,
    REVISION: revision,
    TARGETARCH: options.arch,
    ...(bases.base === undefined ? {} : { BASE: bases.base }),
    ...(bases.libatomic === undefined ? {} : { LIBATOMIC: bases.libatomic }),
    ...(bases.buildBase === undefined ? {} : { BUILD_BASE: bases.buildBase }),
  };
  const flags = Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const args =
    engine.kind === 'buildah'
      ? ['build', ...BUILDAH_STORAGE, '--arch', options.arch, ...flags, '-t', options.tag, ROOT]
      : ['build', '--platform', `linux/${options.arch}`, ...flags, '-t', options.tag, ROOT];
  await runLoudly(engine.kind, args, { ...process.env, ...(engine.kind === 'buildah' ? BUILDAH_ENV : {}) });
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

async function report(engine: Engine, { tag, output }: Options): Promise<void> {
  const inspect =
    engine.kind === 'buildah'
      ? await runQuietly('buildah', ['images', ...BUILDAH_STORAGE, '--format', '{{.Size}}', tag])
      : await runQuietly(engine.kind, ['image', 'inspect', '--format', '{{.Size}}', tag]);
  console.log(`${tag}: ${inspect.stdout.trim()}${engine.kind === 'buildah' ? '' : ' bytes'}`);
  if (output === undefined) return;
  if (engine.kind === 'buildah') {
    await runLoudly(
      'buildah',
      ['push', ...BUILDAH_STORAGE, '--quiet', tag, `docker-archive:${output}:${tag}`],
      process.env,
    );
  } else {
    await runLoudly(engine.kind, ['save', '--output', output, tag], process.env);
  }
  console.log(`${output}: ${(await stat(output)).size} bytes`);
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`image: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});
