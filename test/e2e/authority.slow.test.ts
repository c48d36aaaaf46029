import t from 'tap'
import type { Test } from 'tap'
import { eachUpstream, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { finished, makeCharacter } from './comparison-stage.ts'
import { queryStorage } from './test-storage.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const body = { prompt: 'a mill by a river', duration: 5, routing: { upstreams: ['reseller', 'official'] } }
const DAY = 24 * 3600_000

/** An admin, an active key, and another key of its tenant that can still read after the first is gone. */
async function withKeys(t: Test, input: object = {}, options: Parameters<typeof startGateway>[1] = {}) {
  const gateway = await startGateway(t, options)
  const admin = bearer(gateway.container.adminKey ?? '')
  const make = async (key: object) => {
    const answer = await gateway.call('POST', '/keys', key, admin)
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body))
    return { id: answer.body.id, as: bearer(answer.body.secret) }
  }
  const worker = await make({ name: 'worker', tenant: 'film', ...input })
  const watcher = await make({ name: 'watcher', tenant: 'film', scopes: ['read'] })
  const revoke = async (id: string) => {
    const { status } = await gateway.call('DELETE', `/keys/${id}`, undefined, admin)
    if (status !== 204) throw new Error(`revoking answered ${status}`)
  }
  return { gateway, admin, make, worker, watcher, revoke }
}

async function accept(gateway: Gateway, as: Record<string, string>): Promise<string> {
  const { status, body: made } = await gateway.call('POST', '/generate', body, as)
  if (status !== 202) throw new Error(JSON.stringify(made))
  return made.id
}

t.test('of a revoked key nothing that waits is sent, and it says why it ended', async (t) => {
  const { gateway, worker, watcher, revoke } = await withKeys(t)
  const id = await accept(gateway, worker.as)
  await revoke(worker.id)
  const ended = await gateway.finished(id, watcher.as)
  t.match(ended, { status: 'cancelled', error: { code: 'key_revoked' }, attempts: [], cost_usd: 0 })
  t.same(gateway.simulator.control.renders('reseller'), [])
})

const native = ['first', 'second'].map((id) => ({ ...reverse, id, apiKey: `${id}-vendor-key` }))

t.test('of a key that is revoked while its call makes characters no more are made', async (t) => {
  let meanwhile: (() => Promise<void>) | null = null
  const wrap = {
    directory: eachUpstream((upstream) => ({
      async createCharacter(request) {
        await meanwhile?.()
        return upstream.createCharacter(request)
      },
    })),
  }
  const { gateway, worker, watcher, revoke } = await withKeys(t, {}, { upstreams: native, wrap })
  await makeCharacter(gateway, 'girl', worker.as)
  meanwhile = () => revoke(worker.id)
  const answer = await gateway.call('POST', '/characters/girl/bindings', {}, worker.as)
  t.match(answer, { status: 401, body: { code: 'unauthorized' } })
  const made = () => gateway.simulator.control.characters()
  t.equal(made().length, 1, 'what had left already')
  for (let step = 0; step < 5; step++) await gateway.advance(60_000)
  t.equal(made().length, 1)
  t.equal((await gateway.call('GET', '/characters/girl', undefined, watcher.as)).status, 200)
})

t.test(
  'while the keys cannot be read nothing is sent that pays; what was accepted is sent later',
  async (t) => {
    const { gateway, worker, watcher } = await withKeys(t, {}, { upstreams: native })
    await makeCharacter(gateway, 'girl', worker.as)
    const { body: made } = await gateway.call('POST', '/generate', { ...body, routing: {} }, worker.as)
    await queryStorage(gateway.directory, 'alter table keys rename to keys_away')
    t.equal((await gateway.call('POST', '/characters/girl/bindings', {}, worker.as)).status, 500)
    for (let step = 0; step < 5; step++) await gateway.advance(1000)
    t.same(gateway.simulator.control.renders(), [])
    t.same(gateway.simulator.control.characters(), [])
    await queryStorage(gateway.directory, 'alter table keys_away rename to keys')
    t.match(await gateway.finished(made.id, watcher.as), { status: 'completed' })
    t.equal(gateway.simulator.control.renders().length, 1)
  },
)

t.test('of an expired key nothing is sent either, also after a restart', async (t) => {
  const { gateway, admin, worker, watcher } = await withKeys(t)
  const expires_at = new Date(gateway.now() + DAY).toISOString()
  const brief = await gateway.call('POST', '/keys', { name: 'brief', tenant: 'film', expires_at }, admin)
  await gateway.advance(DAY - 1000)
  const id = await accept(gateway, bearer(brief.body.secret))
  const healthy = await accept(gateway, worker.as)
  await gateway.restart(2000)
  t.match(await gateway.finished(id, watcher.as), { status: 'cancelled', error: { code: 'key_revoked' } })
  t.match(await gateway.finished(healthy, watcher.as), { status: 'completed' }, 'another key goes on')
  t.equal(gateway.simulator.control.renders('reseller').length, 1)
})

t.test('a job that a vendor has when the key is revoked is finished, delivered and settled', async (t) => {
  const { gateway, worker, watcher, revoke } = await withKeys(t)
  const id = await accept(gateway, worker.as)
  await gateway.advance(1000)
  t.equal(gateway.simulator.control.renders('reseller').length, 1)
  await revoke(worker.id)
  const ended = await gateway.finished(id, watcher.as)
  t.match(ended, { status: 'completed', attempts: [{ state: 'succeeded', cost_state: 'settled' }] })
  t.equal(ended.cost_usd, 0.12)
})

t.test('a job that fails after its key was revoked is not sent elsewhere', async (t) => {
  const { gateway, worker, watcher, revoke } = await withKeys(t)
  gateway.simulator.control.addFault('reseller', { kind: 'fails_late' })
  const id = await accept(gateway, worker.as)
  await gateway.advance(1000)
  await revoke(worker.id)
  const ended = await gateway.finished(id, watcher.as)
  t.match(ended, { status: 'cancelled', error: { code: 'key_revoked' }, attempts: [{ state: 'failed' }] })
  t.same(gateway.simulator.control.renders('official'), [])
})

t.test('a comparison stops where its key is revoked', async (t) => {
  const { gateway, worker, watcher, revoke } = await withKeys(t, { max_in_flight: 2 })
  await makeCharacter(gateway, 'girl', worker.as)
  const asked = {
    character: 'girl',
    scenes: ['@girl walks', '@girl sits'],
    runs: 5,
    upstreams: ['reseller'],
    duration: 5,
    max_cost_usd: 20,
  }
  const { body: made } = await gateway.call('POST', '/comparisons', asked, worker.as)
  await gateway.advance(1000)
  const before = gateway.simulator.control.renders('reseller').length
  t.ok(before > 0 && before < 10)
  await revoke(worker.id)
  const ended = await finished(gateway, made.id, watcher.as)
  t.equal(gateway.simulator.control.renders('reseller').length, before)
  t.match(ended, {
    status: 'completed',
    table: [{ delivered: before, failures: { key_revoked: 10 - before } }],
  })
})

t.test('two who administer and revoke each other at once leave one who does', async (t) => {
  const { gateway, admin, make } = await withKeys(t)
  const { body: keys } = await gateway.call('GET', '/keys', undefined, admin)
  const first = keys.data.find(({ name }: { name: string }) => name === 'admin')
  const second = await make({ name: 'second', scopes: ['admin'] })
  const outcomes = await Promise.all([
    gateway.call('DELETE', `/keys/${first.id}`, undefined, second.as),
    gateway.call('DELETE', `/keys/${second.id}`, undefined, admin),
  ])
  // The other call is too late, or is rejected.
  t.equal(outcomes.filter(({ status }) => status === 204).length, 1)
  const left = await Promise.all(
    [admin, second.as].map(async (as) => (await gateway.call('GET', '/keys', undefined, as)).status),
  )
  t.equal(left.filter((status) => status === 200).length, 1)
})

t.test('event streams and long polls end within a second of the end of their key', async (t) => {
  const { gateway, worker, revoke } = await withKeys(t)
  const id = await accept(gateway, worker.as)
  const stream = await fetch(`${gateway.address}/generations/${id}/events`, { headers: worker.as })
  const poll = gateway.call('GET', `/generations/${id}?wait=60`, undefined, worker.as)
  await revoke(worker.id)
  const started = performance.now()
  await stream.text()
  t.match(await poll, { status: 401, body: { code: 'unauthorized' } })
  t.ok(performance.now() - started < 1500)
})
