import { EventEmitter, on, once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parseDocument } from 'yaml'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

const CANARY = 'canary-4c1d9e'
const directory = t.testdir({ reseller: `${CANARY}-wrong\n`, studio: `${keys.studio}\n` })
const secretFile = (name: string) => `\${file:${join(directory, name)}}`
const simulator = await startSimulator({ upstreams: [reverse, official] })
t.teardown(() => simulator.close())

/** The original file: two upstreams, one with a wrong key, and both kinds of keys in separate files. */
function configuration(): ReturnType<typeof parseDocument> {
  const settings = {
    reseller: { api_key: secretFile('reseller'), poll: { first_after_seconds: 1, every_seconds: 1 } },
  }
  const document = parseDocument(configText(simulator, [reverse, official], directory, { settings }))
  document.setIn(['auth', 'keys', 0, 'key'], secretFile('studio'))
  return document
}

/** Replaces the file atomically, like an operator should. */
async function put(name: string, text: string): Promise<void> {
  await writeFile(join(directory, `${name}.new`), text)
  await rename(join(directory, `${name}.new`), join(directory, name))
}

const file = join(directory, 'understudy.yaml')
await put('understudy.yaml', configuration().toString())
const log = new EventEmitter()
const lines: string[] = []
const { child, address } = await startProcess(file, (line) => {
  lines.push(line)
  log.emit('line', line)
})
t.teardown(async () => {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
})

/** Sends the signal and waits up to 30 s for the log line with the result. */
async function hangUp(): Promise<{ msg: string; changes?: string[]; problems?: string[] }> {
  const signal = AbortSignal.timeout(30_000)
  try {
    const output = on(log, 'line', { signal })
    child.kill('SIGHUP')
    for await (const [line] of output)
      if (/"(configuration reloaded|reload rejected)/.test(line)) return JSON.parse(line)
  } catch (error) {
    if (!signal.aborted) throw error
  }
  throw new Error(
    `No result of the reload was logged within 30 s. Last lines:\n${lines.slice(-5).join('\n')}`,
  )
}

async function call(
  method: string,
  path: string,
  body?: object,
  key: string = keys.studio,
): Promise<{ status: number; body: any }> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

const paper = { prompt: 'a paper boat', duration: 5 }

/** How a generation ended, and where. */
async function ended(id: string): Promise<{ status: string; upstream: string }> {
  for (let round = 0; round < 20; round++) {
    const { body } = await call('GET', `/generations/${id}?wait=30`)
    if (['completed', 'failed'].includes(body.status))
      return { status: body.status, upstream: body.attempts.at(-1).upstream }
  }
  throw new Error(`${id} did not end`)
}

/** Waits until an upstream has its job. */
async function begun(id: string): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const { body } = await call('GET', `/generations/${id}?wait=1`)
    if (body.attempts[0]?.upstream_id) return
  }
  throw new Error(`${id} was not begun`)
}

t.test(
  'a secret that was replaced in its file is used after a SIGHUP, and what is under way goes on',
  async (t) => {
    const first = await call('POST', '/generate', paper)
    t.equal(first.status, 202)
    t.equal((await ended(first.body.id)).upstream, 'official', 'the key of the reseller is wrong')

    const under = await call('POST', '/generate', { ...paper, routing: { upstreams: ['official'] } })
    await put('reseller', `${reverse.apiKey}\n`)
    t.match(await hangUp(), { changes: ['upstreams.reseller'] })
    const second = await call('POST', '/generate', paper)
    t.equal((await ended(second.body.id)).upstream, 'reseller')
    t.match(await ended(under.body.id), { status: 'completed', upstream: 'official' })
    t.equal(simulator.control.renders('official').length, 2, 'nothing was rendered twice')
  },
)

t.test('a key of the gateway that was replaced in its file opens nothing any more', async (t) => {
  const next = 'studio-Nv8RbX3kQz6FhY1s'
  await put('studio', next)
  t.match(await hangUp(), { changes: ['auth.keys'] })
  t.equal((await call('GET', '/generations')).status, 401)
  t.equal((await call('GET', '/generations', undefined, next)).status, 200)
  await put('studio', keys.studio)
  await hangUp()
})

t.test('upstreams and routing change without a restart', async (t) => {
  const document = configuration()
  document.deleteIn(['upstreams', 0])
  document.setIn(['upstreams', 0, 'limits', 'max_in_flight'], 7)
  document.setIn(['routing', 'priority'], 'stability')
  await put('understudy.yaml', document.toString())
  t.match(await hangUp(), { changes: ['routing', 'upstreams', 'upstreams.reseller', 'upstreams.official'] })
  const { body } = await call('POST', '/route', paper)
  t.match(body, { priority: 'stability', candidates: [{ upstream: 'official' }] })
  t.equal(body.candidates.length, 1)
  await put('understudy.yaml', configuration().toString())
  t.match(await hangUp(), { msg: 'configuration reloaded' })
  t.equal((await call('POST', '/route', paper)).body.candidates.length, 2)
})

t.test('an upstream that is switched off gets no new work, and ends what it has', async (t) => {
  const under = await call('POST', '/generate', paper)
  await begun(under.body.id)
  const document = configuration()
  document.setIn(['upstreams', 0, 'enabled'], false)
  await put('understudy.yaml', document.toString())
  t.match(await hangUp(), { changes: ['upstreams.reseller'] })
  const { body } = await call('POST', '/route', paper)
  t.match(body, {
    candidates: [{ upstream: 'official' }],
    excluded: [{ upstream: 'reseller', code: 'disabled' }],
  })
  t.same(await ended(under.body.id), { status: 'completed', upstream: 'reseller' })
  await put('understudy.yaml', configuration().toString())
  await hangUp()
})

t.test(
  'a configuration that is wrong, or needs a restart, is refused as a whole and the one before goes on',
  async (t) => {
    const wrong = configuration()
    wrong.setIn(['upstreams', 0, 'api_key'], `${CANARY} with spaces`)
    wrong.setIn(['routing', 'priority'], 'stability')
    const moved = configuration()
    moved.setIn(['server', 'public_url'], 'https://gateway.example')
    moved.setIn(['routing', 'priority'], 'stability')
    const absent = configuration()
    absent.setIn(['upstreams', 0, 'api_key'], secretFile('absent'))
    for (const [text, problem] of [
      [wrong.toString(), /upstreams\[0\]\.api_key: should be ASCII/],
      [moved.toString(), /server: a change here needs a restart/],
      [absent.toString(), /the file does not exist/],
      [`upstreams: [${CANARY}`, /understudy\.yaml:/],
      ['', /upstreams: is required/],
    ] as const) {
      await put('understudy.yaml', text)
      t.match((await hangUp()).problems?.join(), problem)
      const { body } = await call('POST', '/route', paper)
      t.match(body, { priority: 'cost', candidates: [{ upstream: 'reseller' }, { upstream: 'official' }] })
    }
    t.notMatch(lines.join(), CANARY)
  },
)
