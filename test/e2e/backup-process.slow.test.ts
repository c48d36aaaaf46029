import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { hashFile } from '../../src/gateway/media/archive/receive.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'

// Starts a dozen processes: two minutes on two cores, more on a busy machine.
t.setTimeout(900_000)
const run = promisify(execFile)
const cli = new URL('../../.tooling/understudy.mjs', import.meta.url).pathname
const main = new URL('../../src/gateway/main.ts', import.meta.url).pathname
const keySettings = { other: { scopes: ['operate', 'admin'] } }
const timing = { poll: { first_after_seconds: 0.3, every_seconds: 0.3 }, limits: { max_in_flight: 3 } }
const upstreams = [
  { ...reverse, render: { milliseconds: 700 } },
  { ...official, render: { milliseconds: 700 } },
]

/** Polls until it holds; on a timeout, the error shows the last value. */
async function until<T>(
  what: string,
  look: () => Promise<T>,
  holds: (value: T) => boolean,
  signal = AbortSignal.timeout(240_000),
): Promise<T> {
  for (;;) {
    const value = await look()
    if (holds(value)) return value
    if (signal.aborted) throw new Error(`${what} did not come to hold: ${JSON.stringify(value)}`)
    await pause(25)
  }
}

async function call(address: string, method: string, path: string, body?: object, key = keys.studio) {
  // Retries while the gateway is overloaded by other processes on this machine.
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer: any = await response.json()
    if (answer?.code !== 'overloaded' || tries === 100) return { status: response.status, body: answer }
    await pause(100)
  }
}

const order = (number: number) => ({
  prompt: `scene ${number}`,
  duration: number % 2 === 0 ? 10 : 8,
  routing: { priority: number % 2 === 0 ? 'cost' : 'stability' },
})
async function list(address: string): Promise<any[]> {
  const { status, body } = await call(address, 'GET', '/generations?limit=100')
  if (status !== 200) throw new Error(`the list was answered ${status}: ${JSON.stringify(body)}`)
  return body.data
}
const countOf = (shown: any[], ...statuses: string[]) =>
  shown.filter(({ status }) => statuses.includes(status)).length
const isOver = (shown: any[]) => countOf(shown, 'queued', 'in_progress') === 0

/** Not yet sent, or sent to an upstream that cannot be asked what became of it. */
const isWaiting = ({ upstream, state }: any) =>
  state === 'binding' || (state === 'unknown' && upstream === 'reseller')

/** The mode of every file and folder below. */
async function modesIn(folder: string): Promise<Map<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const modes = new Map<string, number>()
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    modes.set(path, ((await stat(path)).mode & 0o777) | (entry.isDirectory() ? 0o1000 : 0))
  }
  return modes
}

async function checkBackup(t: Test, folder: string, source: string, media: boolean) {
  t.equal((await stat(folder)).mode & 0o777, 0o700)
  const modes = await modesIn(folder)
  t.same(
    [...new Set(modes.values())].toSorted((a, b) => a - b),
    media ? [0o600, 0o1700] : [0o600],
    'only its owner reads it',
  )
  t.same((await readdir(folder)).toSorted(), [
    'manifest.json',
    ...(media ? ['media'] : []),
    'secrets.json',
    'understudy.db',
  ])
  const database = new DatabaseSync(join(folder, 'understudy.db'), { readOnly: true })
  t.same(
    database
      .prepare('pragma integrity_check')
      .all()
      .map((row) => ({ ...row })),
    [{ integrity_check: 'ok' }],
  )
  t.match(database.prepare("select value from installation where name = 'held_since'").get(), {
    value: /^\d+$/,
  })
  const named = database
    .prepare("select json_extract(doc, '$.video.mediaId') as id from generations where status = 'completed'")
    .all()
    .map(({ id }) => String(id))
  database.close()
  const manifest: any = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  t.match(manifest, { format: 'understudy-backup', version: 1 })
  const listed = new Map<string, any>(manifest.media.map((each: any) => [each.name, each]))
  t.ok(named.length > 0)
  t.same(
    named.filter((id) => !listed.has(id)),
    [],
    'every video that the database names is listed',
  )
  for (const [name, { bytes, sha256, copied }] of listed) {
    t.equal(copied, media)
    const place = join(media ? folder : source, 'media', name.slice(-2), name)
    const hashed = await hashFile(place)
    t.equal(hashed.bytes, bytes)
    t.equal(sha256, media ? hashed.sha256 : null)
  }
}

t.test('backups by the command line under load, restored elsewhere with --restored', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-backup-'))
  const simulator = await startSimulator({ upstreams })
  const original = join(folder, 'original')
  await mkdir(original)
  const configFor = async (directory: string) => {
    const file = join(directory, 'understudy.yaml')
    const settings = { reseller: timing, official: timing }
    await writeFile(file, configText(simulator, upstreams, directory, { settings, keys: keySettings }))
    return file
  }
  const file = await configFor(original)
  let gateway = await startProcess(file)
  t.teardown(async () => {
    gateway.child.kill('SIGKILL')
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  })
  let number = 0
  const loaded = new AbortController()
  const load = (async () => {
    while (!loaded.signal.aborted && number < 70) {
      t.equal((await call(gateway.address, 'POST', '/generate', order(number++))).status, 202)
      await pause(100)
    }
  })()
  await until(
    'the first three videos',
    () => list(gateway.address),
    (shown) => countOf(shown, 'completed') >= 3,
  )

  const withMedia = join(folder, 'with')
  const without = join(folder, 'without')
  const late = join(folder, 'late')
  const accepted = number
  const told = await run(process.execPath, [cli, 'backup', '--to', withMedia, '--media', '--config', file])
  t.match(told.stdout, /the database, the secrets and a list of \d+ media files/)
  await run(process.execPath, [main, '--config', file, '--backup-to', without])
  t.ok(number > accepted, 'taken under load')
  const again = run(process.execPath, [cli, 'backup', '--to', without, '--config', file])
  const refused = await again.then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  )
  t.match(refused, /Backup failed: .*without already exists\. Choose a new folder\./)
  loaded.abort()
  await load
  await Promise.all(
    Array.from({ length: 24 }, () => call(gateway.address, 'POST', '/generate', order(number++))),
  )
  gateway.child.kill('SIGKILL')
  await once(gateway.child, 'exit')
  // The last backup of a stopped installation. Whatever it holds is sent by nobody else.
  await run(process.execPath, [cli, 'backup', '--to', late, '--media', '--config', file])
  await checkBackup(t, withMedia, original, true)
  await checkBackup(t, without, original, false)
  await checkBackup(t, late, original, true)

  const elsewhere = join(folder, 'elsewhere')
  await cp(late, elsewhere, { recursive: true })
  const before = simulator.control.renders().length
  gateway = await startProcess(await configFor(elsewhere), undefined, [], ['--restored'])
  const held = await until(
    'what is open is held',
    () => list(gateway.address),
    (all) => all.every(({ status, attempts }) => status !== 'in_progress' || isWaiting(attempts.at(-1))),
  )
  await pause(3000)
  t.equal(simulator.control.renders().length, before, 'no render before the release')
  t.ok(countOf(held, 'queued', 'in_progress') > 5, 'there is something to hold')
  t.match(await call(gateway.address, 'POST', '/operations/release', undefined, keys.other), {
    status: 200,
    body: { released: true },
  })
  // The kill may have hit a create at the upstream without a list: a person says what became of it.
  for (const { prompt, attempts } of held) {
    const attempt = attempts.at(-1)
    if (attempt?.state !== 'unknown') continue
    const job = simulator.control.renders().find((render) => render.prompt === prompt)
    const verdict = job === undefined ? { verdict: 'not_taken' } : { verdict: 'taken', upstream_id: job.id }
    const path = `/attempts/${attempt.id}/resolve`
    const said = await call(
      gateway.address,
      'POST',
      path,
      { ...verdict, note: 'By their dashboard.' },
      keys.other,
    )
    t.equal(said.status, 200, JSON.stringify(said.body))
  }
  const after = await until('the end of everything', () => list(gateway.address), isOver)
  const rendered = Map.groupBy(simulator.control.renders(), ({ prompt }) => prompt)
  t.same(
    [...rendered].filter(([, renders]) => renders.length > 1),
    [],
    'nothing was rendered twice',
  )
  t.equal(countOf(after, 'completed'), after.length, 'everything ended')
  t.equal(rendered.size, after.length)
  const { body: usage } = await call(gateway.address, 'GET', '/usage')
  t.equal(usage.totals.cost_usd, simulator.control.bill().totalUsd, 'the ledger is the bill')
  t.comment(
    `${after.length} generations, ${before} rendered before, ${after.length - before} after the release, $${usage.totals.cost_usd}`,
  )
})

t.test('kill -9 while backing up leaves nothing that looks like a backup', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-backup-kill-'))
  const simulator = await startSimulator({ upstreams })
  const file = join(folder, 'understudy.yaml')
  await writeFile(file, configText(simulator, upstreams, folder, { keys: keySettings }))
  const gateway = await startProcess(file)
  t.teardown(async () => {
    gateway.child.kill('SIGKILL')
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  })
  const bytes = Buffer.alloc(32_768, 1)
  for (let part = 10; part < 40; part++) {
    const name = (index: number) => `media_${String(index).padStart(24, '0')}${part}`
    await mkdir(join(folder, 'media', String(part)), { recursive: true })
    for (let index = 0; index < 40; index++)
      await writeFile(join(folder, 'media', String(part), name(index)), bytes)
  }
  const to = join(folder, 'backup')
  const partials = async () => (await readdir(folder)).filter((name) => name.startsWith('backup.partial-'))
  const killAt = async (reached: string) => {
    // Repeats a backup that finished before it could be observed.
    for (;;) {
      const earlier = new Set(await partials())
      const child = spawn(process.execPath, [cli, 'backup', '--to', to, '--media', '--config', file], {
        stdio: 'ignore',
      })
      const ended = once(child, 'exit')
      const found = await until(
        `a backup with ${reached}`,
        async () => {
          if (child.exitCode !== null) return 'done'
          const [name] = (await partials()).filter((each) => !earlier.has(each))
          const files = name === undefined ? [] : await readdir(join(folder, name)).catch(() => [])
          return name !== undefined && (reached === '' || files.includes(reached)) ? name : null
        },
        (name) => name !== null,
      )
      child.kill('SIGKILL')
      const [, signal] = await ended
      if (signal !== null) return { found, signal }
      await rm(to, { recursive: true, force: true })
    }
  }
  for (const reached of ['', 'understudy.db', 'secrets.json', 'media']) {
    const { found, signal } = await killAt(reached)
    t.equal(signal, 'SIGKILL', `killed once there was ${reached === '' ? 'a folder' : reached}`)
    await t.rejects(stat(to), { code: 'ENOENT' })
    if (found !== null) t.notOk((await readdir(join(folder, found))).includes('manifest.json'))
  }
  await run(process.execPath, [cli, 'backup', '--to', to, '--media', '--config', file])
  const manifest: any = JSON.parse(await readFile(join(to, 'manifest.json'), 'utf8'))
  t.equal(manifest.media.length, 1200, 'the next one is whole')
})
