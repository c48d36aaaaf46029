import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { MissingToolError, must, run } from '../tool.ts'

const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check']

/** What a server's HTTP layer itself needs; its engine's packages are not installed. */
const light = ['fastapi', 'uvicorn', 'python-multipart', 'pydantic-settings', 'regex', 'pillow', 'httpx']

/** The Python of a new environment with the light packages. Throws MissingToolError without Python or PyPI. */
export async function createPython(directory: string): Promise<string> {
  const python = join(directory, 'venv/bin/python')
  if ((await run('python3', ['-m', 'venv', join(directory, 'venv')])) !== 0)
    throw new MissingToolError('no python3 with venv')
  if ((await run(python, [...pip, 'install', ...light])) !== 0)
    throw new MissingToolError('PyPI cannot be reached')
  return python
}

/** A wheel of PyPI, of which only the Python files at or below `paths` are unpacked. */
export interface Wheel {
  name: string
  version: string
  paths: readonly string[]
}

/** Downloads a wheel without what it depends on, and unpacks a part of it into `folder`. */
export async function unpackWheel(python: string, { name, version, paths }: Wheel, folder: string) {
  const downloads = join(folder, 'downloads')
  const download = [...pip, 'download', '--no-deps', '--only-binary', ':all:', '--dest', downloads]
  if ((await run(python, [...download, `${name}==${version}`])) !== 0)
    throw new MissingToolError(`${name} ${version} cannot be had here`)
  const [wheel = ''] = await readdir(downloads)
  await must(python, [scriptOf('unpack.py'), join(downloads, wheel), folder, ...paths])
  await rm(downloads, { recursive: true })
}

/** Starts one of the scripts beside this file, and waits until it answers at `port`: 30 seconds at the most. */
export async function startScript(
  python: string,
  script: string,
  port: number,
  args: readonly string[],
): Promise<ChildProcess> {
  const server = spawn(python, [scriptOf(script), ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  for (let tries = 0; tries < 60 && server.exitCode === null; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}/v1/videos`).then(
      () => true,
      () => false,
    )
    if (isUp) return server
    await pause(500)
  }
  server.kill()
  throw new Error(`${script} does not answer on port ${port}.`)
}

const scriptOf = (name: string) => new URL(name, import.meta.url).pathname
