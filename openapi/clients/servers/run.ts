import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { run } from '../tool.ts'

/**
 * `npm run try:servers`: the HTTP layer of SGLang from PyPI, with a stub for its engine, is asked the same as the simulator's
 * profile of it, and every answer is compared: status, keys and the words of states. Says so and ends with 0 where there is
 * no Python or no PyPI. vLLM-Omni's layer needs vLLM itself, and is not run.
 */
const version = '0.5.23'
const port = 18_932
const directory = await mkdtemp(join(tmpdir(), 'understudy-servers-'))
try {
  process.exitCode = await main()
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const python = join(directory, 'venv/bin/python')
  if ((await run('python3', ['-m', 'venv', join(directory, 'venv')])) !== 0)
    return skipped('no python3 with venv')
  const pip = ['-m', 'pip', '--quiet', '--disable-pip-version-check']
  if ((await run(python, [...pip, 'install', 'fastapi', 'uvicorn', 'python-multipart'])) !== 0)
    return skipped('PyPI cannot be reached')
  const wheel = [...pip, 'download', '--no-deps', '--dest', directory, `sglang==${version}`]
  if ((await run(python, wheel)) !== 0) return skipped(`sglang ${version} cannot be had here`)
  const unpack = `import glob, zipfile; zipfile.ZipFile(glob.glob('${directory}/sglang*.whl')[0]).extractall('${directory}/sglang')`
  if ((await run(python, ['-c', unpack])) !== 0) return 1
  const video = join(directory, 'video.mp4')
  await writeFile(video, 'a video')
  const script = new URL('sglang.py', import.meta.url).pathname
  const server = spawn(python, [script, join(directory, 'sglang'), String(port), video], { stdio: 'inherit' })
  const simulator = await startSimulator({
    upstreams: [
      {
        id: 'sglang',
        kind: 'self_hosted',
        dialect: 'openai-videos',
        profile: 'sglang',
        apiKey: 'any',
        models: ['wan'],
        price: { perRequestUsd: 0 },
        chargedOn: 'success',
        render: { milliseconds: 500 },
        characters: false,
      },
    ],
  })
  try {
    process.stdout.write(`SGLang ${version}: its own HTTP layer, with a stub for the engine\n`)
    const real = await answersOf(`http://127.0.0.1:${port}/v1`)
    const played = await answersOf(simulator.baseUrl('sglang'))
    let differences = 0
    for (const [what, answer] of real) {
      const same = played.get(what) === answer
      if (!same) differences += 1
      const detail = same ? '' : `\n  server:    ${answer}\n  simulator: ${played.get(what) ?? ''}`
      process.stdout.write(`${same ? 'same     ' : 'different'} ${what}${detail}\n`)
    }
    return differences === 0 ? 0 : 1
  } finally {
    server.kill()
    await simulator.close()
  }
}

const idOf = (text: string) => /"id":"([^"]+)"/.exec(text)?.[1] ?? 'none'

async function answersOf(base: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  const ask = async (what: string, method: string, path: string, body?: string | FormData, type?: string) => {
    const headers = { authorization: 'Bearer any', ...(type !== undefined && { 'content-type': type }) }
    const response = await fetch(`${base}${path}`, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    answers.set(what, `${response.status} ${outline(text)}`)
    return text
  }
  await up(`${base}/videos`)
  const create = (what: string, fields: object) =>
    ask(what, 'POST', '/videos', JSON.stringify(fields), 'application/json')
  const odd = { prompt: 'a boat', model: 'another', seconds: 6, size: '1000x998' }
  const id = idOf(await create('a create of any model and size', odd))
  await ask('the content of a job that runs', 'GET', `/videos/${id}/content`)
  await pause(1500)
  await ask('a finished job', 'GET', `/videos/${id}`)
  await ask('a variant by name', 'GET', `/videos/${id}/content?variant=video`)
  await ask('the list', 'GET', '/videos?limit=1')
  await ask('a limit above 100', 'GET', '/videos?limit=101')
  await ask('an unknown job', 'GET', '/videos/nope')
  const form = new FormData()
  form.set('prompt', 'a boat')
  form.set('seconds', 'four')
  await ask('seconds in words in a form', 'POST', '/videos', form)
  await ask('a delete', 'DELETE', `/videos/${id}`)
  await ask('a deleted job', 'GET', `/videos/${id}`)
  return answers
}

async function up(url: string): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await pause(500)
  }
  throw new Error(`${url} does not answer.`)
}

/** The keys of a JSON answer, with the words that matter; anything else is a file. */
function outline(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return 'no object'
    const shown = Object.entries(value)
      .filter(([, each]) => each !== null)
      .map(([key, each]) =>
        ['object', 'status', 'model', 'size', 'seconds', 'has_more'].includes(key)
          ? `${key}=${String(each)}`
          : key,
      )
    return shown.toSorted().join(' ')
  } catch {
    return 'a file'
  }
}

function skipped(why: string): number {
  process.stderr.write(`skipped: ${why}\n`)
  return 0
}
