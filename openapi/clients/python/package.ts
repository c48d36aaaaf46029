import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonEnvironment } from '../environment.ts'
import { MissingToolError, must, run } from '../tool.ts'

const source = fileURLToPath(new URL('.', import.meta.url))
const out = fileURLToPath(new URL('../out/python', import.meta.url))
const textOf = (name: string): Promise<string> => readFile(join(source, name), 'utf8')

/** The package as it is given to others. */
export interface PythonPackage {
  sdist: string
  wheel: string
  /** The programs of the environment that built it. */
  builder: string
}

/** What builds the package, in the versions that it names itself. */
async function builderPackages(): Promise<string[]> {
  const pinned = /"([\w-]+==[\d.]+)"/
  const backend = pinned.exec(await textOf('pyproject.toml'))?.[1] ?? 'hatchling'
  const generator = pinned.exec(await textOf('hatch_build.py'))?.[1] ?? 'openapi-python-client'
  return ['build==1.6.1', backend, generator]
}

/**
 * Builds the source distribution, with a core generated from openapi.json, and the wheel from the source distribution.
 * @throws MissingToolError without Python or PyPI
 */
export async function buildPythonClient(): Promise<PythonPackage> {
  const builder = await pythonEnvironment('python-build', ...(await builderPackages()))
  const dist = join(out, 'dist')
  await rm(dist, { recursive: true, force: true })
  // What it is built with is installed already: an environment of its own for each of the two would take 20 s.
  const build = ['-m', 'build', '--no-isolation', '--outdir', dist, source]
  await must(join(builder, 'python'), build, { quiet: true })
  const built = await readdir(dist)
  const pathOf = (end: string): string => join(dist, built.find((name) => name.endsWith(end)) ?? `no ${end}`)
  return { sdist: pathOf('.tar.gz'), wheel: pathOf('.whl'), builder }
}

/** Installs the wheel into an empty virtual environment, with these extras; the folder of its programs. */
export async function installPythonClient({ wheel, builder }: PythonPackage, extras = ''): Promise<string> {
  const folder = join(out, 'venv')
  await rm(folder, { recursive: true, force: true })
  // Without a pip of its own, which takes seconds to install: that of the builder installs it.
  await must(join(builder, 'python'), ['-m', 'venv', '--without-pip', folder])
  const options = [
    '--python',
    join(folder, 'bin/python'),
    'install',
    '--quiet',
    '--disable-pip-version-check',
  ]
  if ((await run(join(builder, 'pip'), [...options, `${wheel}${extras}`])) !== 0)
    throw new MissingToolError('PyPI cannot be reached')
  return join(folder, 'bin')
}

/** Runs every example of its README and that of the project as printed, each as a program of its own, in a folder that has nothing but a clip. */
export async function runReadme(
  programs: string,
  env: Record<string, string>,
  clip: Buffer,
): Promise<number> {
  const pages = [await textOf('README.md'), await textOf('../../../README.md')]
  const examples = [...pages.join('\n').matchAll(/^```python\n([^]*?)^```$/gm)].map(([, code = '']) => code)
  const folder = await mkdtemp(join(tmpdir(), 'understudy-readme-'))
  try {
    await writeFile(join(folder, 'clip.mp4'), clip)
    await Promise.all(
      examples.map((code) =>
        must(join(programs, 'python'), ['-W', 'error', '-c', code], { cwd: folder, env, timeoutMs: 120_000 }),
      ),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return examples.length
}

/** Runs the tests of the package with what is installed, and nothing of the checkout but the tests. */
export async function testPythonClient(programs: string, env: Record<string, string>): Promise<void> {
  const tests = [
    '-m',
    'pytest',
    '-q',
    '-W',
    'error',
    '-p',
    'no:cacheprovider',
    '--rootdir',
    join(source, 'tests'),
  ]
  await must(join(programs, 'python'), [...tests, join(source, 'tests')], {
    cwd: out,
    env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
  })
}
