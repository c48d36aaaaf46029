import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { aClip } from '../fixtures/clips.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

const minute = 60_000
const day = 24 * 60 * minute

t.test('an upload whose call was killed before its record was stored goes, and nothing else', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-orphans-'))
  const upstreams = [reverse, official]
  const simulator = await startSimulator({ upstreams })
  const [file, armed] = [join(directory, 'understudy.yaml'), join(directory, 'armed')]
  const options = { live: true, settings: {}, routing: {}, media: {}, keys: {} }
  const text = configText(simulator, upstreams, directory, options)
  await writeFile(file, text)
  const preload = new URL(`end-at-insert.ts?file=${encodeURIComponent(armed)}`, import.meta.url).href
  const { child, address } = await startProcess(file, undefined, ['--import', preload])
  t.teardown(async () => {
    child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  const clip = new Blob([new Uint8Array(await aClip({ seconds: 2, width: 320, height: 240 }))])
  const send = (path: string, fields: Record<string, string>, name: string) => {
    const body = new FormData()
    for (const [field, value] of Object.entries(fields)) body.set(field, value)
    body.set(name, clip, 'clip.mp4')
    return fetch(`${address}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.studio}` },
      body,
    })
  }
  const files = async () => {
    const entries = await readdir(join(directory, 'media'), { recursive: true, withFileTypes: true })
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted()
  }

  const made = await send('/characters', { name: 'coffee_girl', description: 'as she was' }, 'video')
  t.equal(made.status, 201)
  const kept = await files()
  t.equal(kept.length, 1)
  await writeFile(armed, '')
  const ended = once(child, 'exit')
  await t.rejects(send('/generate', { prompt: 'a paper boat' }, 'reference'))
  t.same(await ended, [null, 'SIGKILL'])
  t.equal((await files()).length, 2, 'the upload had been stored')

  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  let now = Date.now()
  const lines: string[] = []
  const logger = createLogger('info', { write: (line: string) => lines.push(line) })
  await using container = await createContainer(loaded.config, loaded.secrets, {
    logger,
    clock: { now: () => now },
  })
  const pass = async () => {
    while ((await container.sweep()) > 0);
    return files()
  }
  now += 30 * minute
  t.equal((await pass()).length, 2, 'within an hour it may be in hand')
  now += day
  t.same(await pass(), kept)
  const told = lines.filter((line) => line.includes('unreferenced file'))
  t.equal(told.length, 1)
  t.match(JSON.parse(told[0] ?? ''), { removed: 1 })
})
