import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MissingToolError, run } from './tool.ts'

/** LiteLLM's proxy brings a hundred packages with it: half a minute to two minutes, and more than five on a machine that is busy. */
const installMs = 900_000
const environments = fileURLToPath(new URL('out/environments', import.meta.url))

/** An empty or kept folder for the packages of one trial, outside of what is versioned. */
export async function environmentFolder(name: string): Promise<string> {
  const folder = join(environments, name)
  await mkdir(folder, { recursive: true })
  return folder
}

/**
 * A virtual environment of Python with packages of PyPI; the folder of its programs. It is kept, so that a second run downloads
 * nothing.
 * @throws MissingToolError without Python, or where PyPI cannot be reached or does not have that version
 */
export async function pythonEnvironment(name: string, ...requirements: string[]): Promise<string> {
  const folder = await environmentFolder(name)
  const programs = join(folder, 'bin')
  // Making it again would install pip again, which takes seconds.
  const made =
    existsSync(join(programs, 'pip')) ||
    (await run('python3.11', ['-m', 'venv', folder], { quiet: true })) === 0 ||
    (await run('python3', ['-m', 'venv', folder])) === 0
  if (!made) throw new MissingToolError('python3 with venv is not installed')
  const install = ['install', '--quiet', '--disable-pip-version-check', ...requirements]
  if ((await run(join(programs, 'pip'), install, { timeoutMs: installMs })) !== 0)
    throw new MissingToolError(`PyPI cannot be reached, or does not have ${requirements.join(' ')}`)
  return programs
}

/**
 * A folder with packages of npm and nothing else; kept as above.
 * @throws MissingToolError where npm's registry cannot be reached or does not have that version
 */
export async function nodeEnvironment(name: string, ...packages: string[]): Promise<string> {
  const folder = await environmentFolder(name)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  if ((await run('npm', [...install, ...packages], { cwd: folder, timeoutMs: installMs })) !== 0)
    throw new MissingToolError(`npm cannot be reached, or does not have ${packages.join(' ')}`)
  return folder
}

/** Runs a trial: one line and 0 where the machine lacks something, 1 where it fails. */
export async function runTrial(trial: () => Promise<void>): Promise<void> {
  try {
    await trial()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const isMissing = error instanceof MissingToolError
    process.stderr.write(isMissing ? `skipped: ${message}\n` : `${message}\n`)
    process.exitCode = isMissing ? 0 : 1
  }
}
