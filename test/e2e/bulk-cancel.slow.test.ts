import t from 'tap'
import type { Test } from 'tap'
import { keys, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { ledgerOf } from './resubmit-stage.ts'
import { queryStorage } from './test-storage.ts'

const scene = { prompt: 'a secret mill', duration: 5 }
const operator = { authorization: `Bearer ${keys.other}` }
const price = 0.12
const inFlight = 40

interface Row {
  id: string
  outcome: string
  tenant: string | null
  status: string | null
  sent_attempts: number
  may_still_be_charged_usd: number
}

async function start(t: Test) {
  const gateway = await startGateway(t, {
    upstreams: [reverse],
    patient: true,
    keys: { other: { scopes: ['operate'] } },
    settings: { reseller: { limits: { max_in_flight: inFlight } } },
  })
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const tenants = new Map<string, { authorization: string }>()
  for (const tenant of ['north', 'south', 'west']) {
    const key = { name: tenant, tenant, scopes: ['generate', 'read'] }
    const { body } = await gateway.call('POST', '/keys', key, admin)
    tenants.set(tenant, { authorization: `Bearer ${body.secret}` })
  }
  return { gateway, admin, tenants }
}

type Stage = Awaited<ReturnType<typeof start>>

/** For each tenant as many, in turn. */
async function made({ gateway, tenants }: Stage, each: number): Promise<string[]> {
  const ids: string[] = []
  for (let count = 0; count < each; count++)
    for (const as of tenants.values()) {
      const { body, status } = await gateway.call(
        'POST',
        '/generate',
        { ...scene, metadata: { n: `${count}` } },
        as,
      )
      if (status !== 202) throw new Error(JSON.stringify(body))
      ids.push(body.id)
    }
  return ids
}

async function statuses(gateway: Gateway): Promise<Map<string, string>> {
  const rows = await queryStorage(gateway.directory, 'select id, status from generations')
  return new Map(rows.map(({ id, status }) => [String(id), String(status)]))
}

function cancel(gateway: Gateway, body: object, as = operator) {
  return gateway.call('POST', '/generations/cancel', body, as)
}

/** Three tenants with a hundred generations each: completed, cancelled, running at the upstream and waiting. */
async function threeHundred(stage: Stage) {
  const { gateway, tenants } = stage
  const completed = await made(stage, 10)
  for (const [index, as] of [...tenants.values()].entries())
    for (const id of completed.filter((_, at) => at % 3 === index)) await gateway.finished(id, as)
  const cancelled = await made(stage, 5)
  for (const [index, as] of [...tenants.values()].entries())
    for (const id of cancelled.filter((_, at) => at % 3 === index))
      await gateway.call('POST', `/generations/${id}/cancel`, undefined, as)
  const open = await made(stage, 85)
  await gateway.advance(0)
  return { completed, cancelled, open, all: [...completed, ...cancelled, ...open] }
}

t.test('of 300 generations of three tenants, each outcome is told as it is', async (t) => {
  const stage = await start(t)
  const { gateway, admin, tenants } = stage
  const { completed, cancelled, open, all } = await threeHundred(stage)
  const before = await statuses(gateway)
  t.equal(before.size, 300)

  const dry = await cancel(gateway, { ids: all, dry_run: true })
  t.equal(dry.status, 200, JSON.stringify(dry.body).slice(0, 500))
  const counts = { cancelled: 0, not_cancelled: 0, not_found: 0, already_ended: 30, already_cancelled: 15 }
  const sums = { paid_usd: 0, may_still_be_charged_usd: Number((inFlight * price).toFixed(2)) }
  t.match(dry.body, { dry_run: true, matched: 300, counts: { ...counts, cancellable: 255 }, ...sums })
  t.notOk(JSON.stringify(dry.body).includes('secret mill'))
  t.same(await statuses(gateway), before, 'a dry run changes nothing')

  const south = tenants.get('south') ?? {}
  const own = (await cancel(gateway, { ids: all, dry_run: true }, { ...operator, ...south })).body
  t.equal(own.counts.not_found, 200, 'a tenant reaches its own alone')
  t.ok(own.data.every(({ tenant }: Row) => tenant === 'south' || tenant === null))
  const foreign = all.filter((_, at) => at % 3 !== 1)
  const stray = (await cancel(gateway, { ids: foreign }, { ...operator, ...south })).body
  t.match(stray, { matched: 200, counts: { not_found: 200 } })
  t.same(await statuses(gateway), before)

  const real = await cancel(gateway, { ids: [...all, ...all.slice(0, 100)] })
  t.match(real.body, {
    dry_run: false,
    matched: 300,
    counts: { ...counts, cancelled: 255, cancellable: 0 },
    ...sums,
  })
  const after = await statuses(gateway)
  const expected = new Map<string, string>([
    ...completed.map((id) => [id, 'already_ended'] as const),
    ...cancelled.map((id) => [id, 'already_cancelled'] as const),
    ...open.map((id) => [id, 'cancelled'] as const),
  ])
  const rows: Row[] = real.body.data
  for (const { id, outcome, status } of rows) {
    t.equal(outcome, expected.get(id))
    t.equal(status, after.get(id))
  }
  const sent = rows.filter(({ sent_attempts: count }) => count > 0)
  t.equal(sent.length, inFlight, 'those that an upstream has begun are named')
  t.ok(sent.every(({ may_still_be_charged_usd: usd }) => usd === price))

  const { body: audit } = await gateway.call('GET', '/audit?action=generations.cancelled', undefined, admin)
  t.match(audit.data, [
    { key: 'other', data: { count: 300 } },
    { key: 'south', tenant: 'south', data: { count: 200 } },
  ])
  const file = await ledgerOf(gateway)
  t.match(file, { open: 0, generations: 0 })

  for (let round = 0; round < 8; round++) await gateway.advance(60_000)
  const bill = Math.round(gateway.simulator.control.bill().totalUsd * 1e6)
  t.match(await ledgerOf(gateway), { settled: bill }, 'what is paid is what the vendor billed')
})

t.test('what ends while it is being cancelled is told by what it became', async (t) => {
  const stage = await start(t)
  const { gateway, tenants } = stage
  const ids = await made(stage, 13)
  await gateway.advance(0)
  await gateway.advance(1000)
  await gateway.advance(1000)
  const [answer] = await Promise.all([cancel(gateway, { ids }), gateway.advance(1000)])
  const { counts } = answer.body
  const data: Row[] = answer.body.data
  t.equal(counts.cancelled + counts.already_ended, ids.length)
  for (const row of data) {
    const as = tenants.get(row.tenant ?? '') ?? {}
    const { body } = await gateway.call('GET', `/generations/${row.id}`, undefined, as)
    t.equal(body.status, row.status)
    t.equal(row.outcome, body.status === 'cancelled' ? 'cancelled' : 'already_ended')
  }
  const again = await cancel(gateway, { ids })
  t.match(again.body.counts, {
    cancelled: 0,
    already_cancelled: counts.cancelled,
    already_ended: counts.already_ended,
  })
})

t.test('a list that is empty, too long or wrong is refused as a whole', async (t) => {
  const { gateway } = await start(t)
  const id = `gen_${'0'.repeat(26)}`
  for (const body of [
    {},
    { ids: [] },
    { ids: Array.from({ length: 501 }, () => id) },
    { ids: ['gen_1'] },
    { all: true },
  ])
    t.equal((await cancel(gateway, body)).status, 400, JSON.stringify(body).slice(0, 60))
  t.match((await cancel(gateway, { ids: [id] })).body, { matched: 1, counts: { not_found: 1 } })
})

t.test('by filter, a dry run comes first, and more than it showed are not cancelled', async (t) => {
  const stage = await start(t)
  const { gateway, admin, tenants } = stage
  const ids = await made(stage, 20)
  await gateway.advance(0)
  const before = await statuses(gateway)
  const south = { ...operator, ...tenants.get('south') }

  const dry = await cancel(gateway, { filter: { metadata: { n: '3' } } })
  t.match(dry, { status: 200, body: { dry_run: true, matched: 3, counts: { cancellable: 3 } } })
  const own = await cancel(gateway, { filter: {} }, south)
  t.match(
    own.body,
    { matched: 20, counts: { cancellable: 20 } },
    'the filter of a tenant finds its own alone',
  )
  t.equal((await cancel(gateway, { filter: { tenant: 'north' } }, south)).status, 403)
  t.same(await statuses(gateway), before)

  t.equal(
    (await cancel(gateway, { filter: {}, dry_run: false }, south)).status,
    400,
    'the count is to be said',
  )
  const fewer = await cancel(gateway, { filter: {}, dry_run: false, expected: 19 }, south)
  t.match(fewer, { status: 409, body: { code: 'conflict', matched: 20, expected: 19 } })
  t.same(await statuses(gateway), before, 'nothing is cancelled then')

  const done = await cancel(gateway, { filter: {}, dry_run: false, expected: 20 }, south)
  t.match(done.body, { dry_run: false, matched: 20, counts: { cancelled: 20 } })
  const after = await statuses(gateway)
  for (const [at, id] of ids.entries())
    t.equal(after.get(id), at % 3 === 1 ? 'cancelled' : before.get(id), 'those of other tenants go on')
  const queued = await cancel(gateway, { filter: { status: 'queued', tenant: 'west' } })
  const waiting = [...before].filter(([id, status]) => ids.indexOf(id) % 3 === 2 && status === 'queued')
  t.equal(queued.body.matched, waiting.length)
  t.equal((await cancel(gateway, { filter: { status: 'completed' } })).body.matched, 0)

  const { body: audit } = await gateway.call('GET', '/audit?action=generations.cancelled', undefined, admin)
  t.match(audit.data, [{ key: 'south', data: { count: 20, filter: {} } }])
  t.equal(audit.data.length, 1, 'a dry run and a refusal are not told as cancels')
})
