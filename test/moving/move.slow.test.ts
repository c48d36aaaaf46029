import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from '../e2e/gateway-process.ts'
import { configText, keys, reverse } from '../e2e/gateway.ts'
import { skipsPostgres, startPostgres } from '../postgres/server.ts'
import { addFinished } from './bulk.ts'

t.setTimeout(900_000)
const command = new URL('../../.tooling/understudy.mjs', import.meta.url).pathname
const upstreams = [{ ...reverse, render: { milliseconds: 1000 } }]
const timing = { poll: { first_after_seconds: 0.2, every_seconds: 0.2 }, limits: { max_in_flight: 1 } }
/** Forty batches of each table: enough to be interrupted between them. */
const generations = 20_000
/** Each is synced on each side, which takes most of the time: some generations share one. */
const files = 400
/** With the one that is copied, and the queue. */
const all = generations + 7

/** Runs a command to its end. */
function understudy(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [command, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: `${stdout}${stderr}` }),
    ),
  )
}

/** Starts a command and kills it with SIGKILL once `reached` holds; false if it ended before. */
async function killedAt(args: string[], reached: () => Promise<boolean>): Promise<boolean> {
  const child = spawn(process.execPath, [command, ...args], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (child.exitCode === null && !(await reached())) await pause(5)
  child.kill('SIGKILL')
  await ended
  return child.signalCode === 'SIGKILL'
}

const filesIn = async (folder: string): Promise<number> =>
  (await readdir(folder, { recursive: true }).catch(() => [])).length

async function call(address: string, method: string, path: string, key = keys.studio, body?: object) {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const answer: any = await response.json()
  return { status: response.status, body: answer }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(240_000)
  while (!(await holds())) {
    if (signal.aborted) throw new Error(`${what} did not come to hold`)
    await pause(25)
  }
}

async function stop({ child }: Awaited<ReturnType<typeof startProcess>>): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

const order = (number: number) => ({ prompt: `scene ${number}`, duration: 5 })
const isOver = (shown: any[]) => shown.every(({ status }) => !['queued', 'in_progress'].includes(status))

t.test(
  `${generations} generations move to PostgreSQL and back: interrupted, started on both sides, nothing lost and nothing bought twice`,
  { skip: skipsPostgres() },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'understudy-move-'))
    const server = await startPostgres()
    const simulator = await startSimulator({ upstreams })
    const started: Array<Awaited<ReturnType<typeof startProcess>>> = []
    t.teardown(async () => {
      for (const { child } of started) child.kill('SIGKILL')
      await simulator.close()
      await server.remove()
      await rm(folder, { recursive: true, force: true })
    })
    const configFor = async (name: string, storage?: object) => {
      const directory = join(folder, name)
      await mkdir(directory, { recursive: true })
      const file = join(directory, 'understudy.yaml')
      const given = { settings: { [reverse.id]: timing }, keys: { other: { scopes: ['operate', 'admin'] } } }
      await writeFile(
        file,
        configText(simulator, upstreams, directory, { ...given, ...(storage && { storage }) }),
      )
      return { directory, file }
    }
    const start = async (file: string) => {
      const gateway = await startProcess(file)
      started.push(gateway)
      return gateway
    }
    const renders = () => simulator.control.renders().length
    const list = async (address: string) => (await call(address, 'GET', '/generations?limit=100')).body.data

    // One finished generation, which is copied, and a queue of which some were sent.
    const here = await configFor('here')
    let gateway = await start(here.file)
    await call(gateway.address, 'POST', '/generate', keys.studio, order(0))
    await until('a finished one', async () => (await list(gateway.address))[0].status === 'completed')
    const [finished] = await list(gateway.address)
    await stop(gateway)
    const video = (await readdir(join(here.directory, 'media'), { recursive: true })).find((name) =>
      /media_[0-9a-z]{26}$/.test(name),
    )
    const original = {
      generation: finished.id,
      attempt: finished.attempts[0].id,
      video: (video ?? '').slice(3),
    }
    addFinished(here.directory, original, { count: generations, files })
    gateway = await start(here.file)
    t.match(await understudy('export', '--to', join(folder, 'no'), '--config', here.file), {
      code: 1,
      text: /in use by another process/,
    })
    for (let number = 1; number <= 6; number++)
      await call(gateway.address, 'POST', '/generate', keys.studio, order(number))
    await until('one of them is sent', async () => renders() >= 2)
    await stop(gateway)
    const sent = renders()
    t.ok(sent < 7, 'something is left to send')

    const to = join(folder, 'export')
    const exporting = ['export', '--to', to, '--media', '--config', here.file]
    t.ok(
      await killedAt(exporting, async () => (await filesIn(`${to}.partial/media`)) > files / 4),
      'the export is killed while it copies media',
    )
    const exported = await understudy(...exporting)
    t.match(exported, { code: 0, text: /40\d media files/ }, exported.text)

    const url = await server.database('moved')
    const there = await configFor('there', { url, connections: 5 })
    const importing = ['import', '--from', to, '--config', there.file]
    const rows = async (): Promise<number> => {
      const counted = await server
        .query(url, 'select count(*)::int as n from generations')
        .catch(() => [{ n: 0 }])
      return Number(Object(counted[0]).n)
    }
    t.ok(
      await killedAt(importing, async () => (await rows()) > generations / 2),
      'the import is killed while it copies rows',
    )
    await t.rejects(startProcess(there.file), /ended before it listened/, 'no gateway starts from a half')
    t.ok(
      await killedAt(importing, async () => (await filesIn(`${there.directory}/media`)) > files / 4),
      'and while it copies media',
    )
    const imported = await understudy(...importing)
    t.equal(imported.code, 0, imported.text)
    t.match(imported.text, new RegExp(`generations +${all} +${all} .*yes`))
    t.match(imported.text, /attempts .*yes\n/)
    t.match(imported.text, /Everything is equal\. Start the gateway/)
    t.match(await understudy(...importing), { code: 0 }, 'another time changes nothing')

    // By mistake, both are started.
    const [old, now] = [await start(here.file), await start(there.file)]
    await pause(2500)
    t.equal(renders(), sent, 'neither side sends anything')
    t.match(await call(old.address, 'POST', '/operations/release', keys.other), {
      status: 409,
      body: { code: 'conflict', detail: /moved away .*export --take-back/ },
    })
    t.match((await call(now.address, 'GET', '/usage')).body.totals, {
      generations: (await call(old.address, 'GET', '/usage')).body.totals.generations,
      cost_usd: (await call(old.address, 'GET', '/usage')).body.totals.cost_usd,
    })
    t.match(await call(now.address, 'POST', '/operations/release', keys.other), { body: { released: true } })
    await until('all ends', async () => isOver(await list(now.address)))
    await pause(1000)
    const prompts = simulator.control.renders().map(({ prompt }) => prompt)
    t.equal(prompts.length, 7, 'each was rendered')
    t.equal(new Set(prompts).size, 7, 'none twice')
    t.match(
      (await list(now.address)).slice(0, 7).map(({ status }: any) => status),
      Array(7).fill('completed'),
    )

    // And back, to a new folder. The media files stay where they are.
    await stop(old)
    await stop(now)
    const back = join(folder, 'back')
    t.match(await understudy('export', '--to', back, '--config', there.file), { code: 0 })
    const again = await configFor('again')
    const text = configText(simulator, upstreams, again.directory, {
      settings: { [reverse.id]: timing },
      media: { url: `file:${there.directory}/media` },
      keys: { other: { scopes: ['operate', 'admin'] } },
    })
    await writeFile(again.file, text)
    const returned = await understudy('import', '--from', back, '--config', again.file)
    t.match(returned, { code: 0, text: new RegExp(`generations +${all} +${all} .*yes`) }, returned.text)
    const last = await start(again.file)
    t.match((await list(last.address)).length, 100)
    t.equal((await call(last.address, 'GET', '/health/ready')).status, 200)
    t.equal(renders(), 7)
  },
)
