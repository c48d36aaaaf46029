import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { writeBackup } from '../../src/gateway/backup-command.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { isOnServer } from './test-storage.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const keySettings = { other: { scopes: ['operate', 'admin'] } }
const hourMs = 3_600_000

t.test('three hours held are no hours of a deadline, and what is held says so', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const { control } = gateway.simulator
  const order = { prompt: 'a paper boat', duration: 5, routing: { deadline_seconds: 1200 } }
  const queued = (await gateway.call('POST', '/generate', order)).body
  t.same(queued.warnings, [])
  await gateway.restart(0, undefined, true)
  const fresh = (await gateway.call('POST', '/generate', order)).body
  t.match(fresh, { status: 'queued', warnings: [{ code: 'held_after_restore', detail: /operator/ }] })
  for (let passed = 0; passed < 3 * hourMs; passed += hourMs / 4) await gateway.advance(hourMs / 4)
  for (const { id } of [queued, fresh]) {
    const { body } = await gateway.call('GET', `/generations/${id}`)
    t.match(body, { status: 'queued', error: null, warnings: [{ code: 'held_after_restore' }] })
    t.equal(body.warnings.length, 1)
  }
  t.equal(control.renders().length, 0, 'nothing was sent')
  t.match(await gateway.call('POST', '/operations/release', undefined, operator), { status: 200 })
  for (const { id } of [queued, fresh]) t.equal((await gateway.finished(id)).status, 'completed')
  t.equal(control.renders().length, 2, 'each once')
})

t.test('what is left of a deadline runs again after the release', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const order = { prompt: 'a paper boat', duration: 5, routing: { deadline_seconds: 600 } }
  const { id } = (await gateway.call('POST', '/generate', order)).body
  for (const { id: upstream } of [reverse, official])
    gateway.simulator.control.setFaults(upstream, [{ kind: 'rate_limited' }])
  await gateway.restart(0, undefined, true)
  await gateway.advance(hourMs)
  await gateway.call('POST', '/operations/release', undefined, operator)
  await gateway.advance(1000)
  t.match((await gateway.call('GET', `/generations/${id}`)).body, { error: null })
  const releasedAt = gateway.now()
  const ended = await gateway.finished(id)
  t.match(ended, { status: 'failed' })
  const secondsLeft = (gateway.now() - releasedAt) / 1000
  t.ok(secondsLeft > 400 && secondsLeft < 700, `${secondsLeft} s`)
})

t.test('while held no character is made, and the answer says what to do', async (t) => {
  const gateway = await startGateway(t, { keys: keySettings })
  const source = await gateway.generate({ prompt: 'a portrait', duration: 5 })
  const made = await gateway.call('POST', '/characters', { name: 'amber', generation_id: source.id })
  t.equal(made.status, 201)
  await gateway.restart(0, undefined, true)
  const bound = await gateway.call('POST', `/characters/${made.body.id}/bindings`, {
    upstreams: ['reseller'],
  })
  t.match(bound, { status: 409, body: { code: 'held_after_restore', detail: /POST \/operations\/release/ } })
  t.same(gateway.simulator.control.characters(), [])
  await gateway.call('POST', '/operations/release', undefined, operator)
  const again = await gateway.call('POST', `/characters/${made.body.id}/bindings`, {
    upstreams: ['reseller'],
  })
  t.ok(again.status < 300, JSON.stringify(again.body))
  t.equal(gateway.simulator.control.characters().length, 1)
})

const onOfficial = (prompt: string) => ({
  prompt,
  duration: 8,
  routing: { upstreams: ['official'], deadline_seconds: 1200 },
})

/** Restores the database to its state before `meanwhile`, like from a backup. */
async function restoredAfter(gateway: Gateway, meanwhile: () => Promise<void>): Promise<void> {
  const { directory } = gateway
  const to = join(directory, 'backup')
  const storage = { type: 'sqlite' as const, file: join(directory, 'understudy.db') }
  await writeBackup(
    { storage, media: { directory: join(directory, 'media') } },
    { to, media: false, now: gateway.now() },
  )
  await meanwhile()
  await gateway.container[Symbol.asyncDispose]()
  for (const end of ['-wal', '-shm']) await rm(`${storage.file}${end}`, { force: true })
  await cp(join(to, 'understudy.db'), storage.file)
  await gateway.restart()
}

/** A server is restored by its own tools; `test/postgres/promotion.slow.test.ts` loses commits of one. */
const skip = isOnServer && '`understudy backup` is for SQLite'

async function sentByTheOriginal(t: Test) {
  const gateway = await startGateway(t, { upstreams: [official], keys: keySettings })
  const prompts = ['a paper boat', 'a tin soldier', 'a kite']
  const ids: string[] = []
  for (const prompt of prompts)
    ids.push((await gateway.call('POST', '/generate', onOfficial(prompt))).body.id)
  // Sent by the original after the backup: the first two, and one that the backup does not contain.
  await restoredAfter(gateway, async () => {
    await gateway.call('POST', `/generations/${ids[2]}/cancel`)
    await gateway.call('POST', '/generate', onOfficial('a stranger'))
    await gateway.advance(3000)
  })
  t.equal(gateway.simulator.control.renders().length, 3)
  return { gateway, ids }
}

const attemptOf = async (gateway: Gateway, id: string | undefined) => {
  const { body } = await gateway.call('GET', `/generations/${id}`)
  return { ...body, attempt: body.attempts.at(-1) }
}

t.test(
  'what the original may have sent since the backup waits for a person, and is not sent twice',
  { skip },
  async (t) => {
    const { gateway, ids } = await sentByTheOriginal(t)
    const { control } = gateway.simulator
    await gateway.advance(10_000)
    const shown = await gateway.call('GET', '/operations/restore', undefined, operator)
    t.match(shown.body, { held_since: /^2/, upstreams: [{ upstream: 'official', state: 'searched' }] })
    const jobs = control.renders().map(({ id }) => id)
    const told = shown.body.upstreams[0].unowned_jobs
    t.same(new Set(told.map((job: any) => job.upstream_id)), new Set(jobs), 'all three are shown as unowned')
    t.same([...new Set(told.map((job: any) => job.prompt))], [null], 'prompts only with operate_prompts')

    t.match(await gateway.call('POST', '/operations/release', undefined, operator), {
      body: { released: true },
    })
    for (let minute = 0; minute < 60; minute++) await gateway.advance(60_000)
    for (const id of ids.slice(0, 2))
      t.match(await attemptOf(gateway, id), {
        status: 'in_progress',
        warnings: [{ code: 'held_after_restore' }],
        attempt: { state: 'unknown', failure: { message: /created after the backup.*\/resolve/ } },
      })
    t.match(await attemptOf(gateway, ids[2]), { status: 'completed' }, 'what was not sent is sent')
    t.equal(control.renders().length, 4, 'and nothing else')

    const [first, second] = await Promise.all(ids.slice(0, 2).map((id) => attemptOf(gateway, id)))
    const resolve = (id: string, body: object) =>
      gateway.call('POST', `/attempts/${id}/resolve`, body, operator)
    const taken = {
      verdict: 'taken',
      upstream_id: first.attempt.candidate_upstream_id,
      note: 'the same prompt',
    }
    t.match(await resolve(first.attempt.id, taken), { status: 200 })
    t.match(await resolve(second.attempt.id, { verdict: 'not_taken', note: 'of another program' }), {
      status: 200,
    })
    for (const id of ids.slice(0, 2)) t.equal((await gateway.finished(id)).status, 'completed')
    t.equal(control.renders().length, 5, 'only what a person said was not taken is sent again')
    const left = await gateway.call('GET', '/operations/restore', undefined, operator)
    t.notOk(left.body.upstreams[0].unowned_jobs.some((job: any) => job.upstream_id === taken.upstream_id))
  },
)

t.test(
  'nothing is released while an upstream cannot be searched, unless an operator says so',
  { skip },
  async (t) => {
    const { gateway } = await sentByTheOriginal(t)
    const { control } = gateway.simulator
    control.setFaults('official', [{ kind: 'server_error', on: ['list'] }])
    const refused = await gateway.call('POST', '/operations/release', undefined, operator)
    t.match(refused, { status: 409, body: { code: 'conflict', upstreams: ['official'] } })
    await gateway.advance(60_000)
    t.equal(control.renders().length, 3, 'still held')
    const anyway = await gateway.call('POST', '/operations/release', { unsearched: true }, operator)
    t.match(anyway, { status: 200, body: { released: true } })
  },
)

t.test('what was found unowned is known after a restart, also after the release', { skip }, async (t) => {
  const { gateway } = await sentByTheOriginal(t)
  await gateway.advance(10_000)
  const unowned = async () => {
    const { body } = await gateway.call('GET', '/operations/restore', undefined, operator)
    return body.upstreams[0].unowned_jobs.map((job: any) => job.upstream_id).toSorted()
  }
  const before = await unowned()
  t.equal(before.length, 3)
  await gateway.call('POST', '/operations/release', undefined, operator)
  await gateway.restart()
  t.same(await unowned(), before)
})

t.test('files that the records need and the archive lacks are listed after a restore', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse], keys: keySettings })
  const missing = async () =>
    (await gateway.call('GET', '/operations/restore', undefined, operator)).body.missing_media
  const [kept, lost] = [
    await gateway.generate({ prompt: 'a kept boat', duration: 5 }),
    await gateway.generate({ prompt: 'a lost boat', duration: 5 }),
  ]
  const clip = await gateway.call('POST', '/characters', { name: 'amber', generation_id: kept.id })
  t.equal(clip.status, 201)
  t.same(await missing(), { state: 'not_checked', count: 0, media: [] })
  await gateway.restart(0, undefined, true)
  await gateway.advance(1000)
  t.same(await missing(), { state: 'checked', count: 0, media: [] }, 'nothing is missing yet')
  const [attempt] = lost.attempts
  const lostMedia = attempt.id.replace('att_', 'media_')
  const archive = join(gateway.directory, 'media')
  for (const file of await readdir(archive, { recursive: true }))
    if (file.endsWith(lostMedia)) await rm(join(archive, file))
  await gateway.restart()
  await gateway.advance(1000)
  t.same(await missing(), {
    state: 'checked',
    count: 1,
    media: [{ owner: lost.id, kind: 'video', media_id: lostMedia }],
  })
})
