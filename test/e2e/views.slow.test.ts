import t from 'tap'
import type { Test } from 'tap'
import { startVendorProxy } from '../fixtures/vendor-proxy.ts'
import { keys, official, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

/** In prompts, and in what the vendor repeats of them. */
const word = 'zirconflower'
const scene = {
  prompt: `a ${word} in the rain`,
  duration: 8,
  metadata: { film: 'rain', shot: '12b' },
  routing: { deadline_seconds: 3600 },
}
const hour = 3_600_000
const operator = { authorization: `Bearer ${keys.other}` }
const trusted = { authorization: `Bearer ${keys.bank}` }
const scopes = { other: { scopes: ['operate'] }, bank: { scopes: ['operate', 'operate_prompts'] } }

async function start(t: Test) {
  const vendor = await startVendorProxy(t)
  const gateway = await startGateway(t, {
    upstreams: [{ ...official, id: 'first', models: ['sora-2'] }],
    keys: scopes,
    settings: { first: { base_url: vendor.url } },
  })
  vendor.forwardTo(gateway.simulator.baseUrl('first'))
  const get = (path: string, as?: Record<string, string>) => gateway.call('GET', path, undefined, as)
  const ids = async (query: string, as?: Record<string, string>): Promise<string[]> => {
    const { status, body } = await get(`/generations?${query}`, as)
    if (status !== 200) throw new Error(JSON.stringify(body))
    return body.data.map(({ id }: { id: string }) => id)
  }
  return { vendor, gateway, get, ids }
}

/** Its create was accepted and the answer lost; the vendor does not list the job. */
async function unknownOne({ vendor, gateway }: Awaited<ReturnType<typeof start>>) {
  vendor.answerWith(({ method, path }, { status, body }) => {
    if (method === 'POST') return { status: 502, body: `<html>${word}</html>` }
    if (!/^\/videos(\?|$)/.test(path)) return null
    return { status, body: JSON.stringify({ ...JSON.parse(body), data: [] }) }
  })
  const { body } = await gateway.call('POST', '/generate', scene)
  await gateway.advance(0)
  return body.id
}

async function made(gateway: Gateway, body: object): Promise<string> {
  return (await gateway.generate(body)).id
}

t.test(
  'attention finds an unknown attempt after its generation has ended, until it is resolved',
  async (t) => {
    const stage = await start(t)
    const { gateway, get, ids } = stage
    const id = await unknownOne(stage)
    t.same(await ids('attention=true', operator), [id])
    await gateway.advance(2 * hour)
    const { body: ended } = await get(`/generations/${id}`, operator)
    t.match(ended, { status: 'failed', tenant: 'studio', attempts: [{ state: 'unknown' }] })
    t.same(await ids('status=in_progress', operator), [])
    t.same(await ids('attention=true', operator), [id], 'although it is no longer in progress')
    t.same(await ids('attention=true'), [id], 'its tenant finds it, too')
    const before = (await get('/generations/counts', operator)).body
    t.match(before, { total: 1, by_status: { failed: 1 }, by_attempt_state: { unknown: 1 }, attention: 1 })
    const [attempt] = ended.attempts
    const until = new Date(Date.parse(ended.created_at) + 24 * hour).toISOString()
    t.match(before.uncertain, {
      unknown: {
        attempts: 1,
        reserved_cost_usd: attempt.cost_usd,
        oldest: { generation: id, started_at: attempt.started_at, looked_for_until: until },
      },
      abandoned: { attempts: 0, reserved_cost_usd: 0, oldest: null },
    })
    t.ok(attempt.cost_usd > 0)
    await gateway.advance(24 * hour)
    const later = (await get('/generations/counts', operator)).body.uncertain.unknown
    t.match(later, { attempts: 1, oldest: { generation: id, looked_for_until: null } }, 'the watch is over')

    const resolution = { verdict: 'not_taken', charged: true, cost_usd: 0.3, note: 'It is on their bill.' }
    const path = `/attempts/${ended.attempts[0].id}/resolve`
    t.equal((await gateway.call('POST', path, resolution, operator)).status, 200)
    t.same(await ids('attention=true', operator), [], 'a person has seen to it, although it was paid')
    const after = (await get('/generations/counts?attention=true', operator)).body
    t.match(after, { total: 0, attention: 0, uncertain: { unknown: { attempts: 0, oldest: null } } })
  },
)

t.test(
  'operators see the work of every tenant without its prompts, and what they saw is in the audit log',
  async (t) => {
    const stage = await start(t)
    const { gateway, get, ids } = stage
    const rendered = await made(gateway, scene)
    const unknown = await unknownOne(stage)
    await gateway.advance(2 * hour)
    t.same(await ids('', operator), [unknown, rendered])
    const media = [`/generations/${rendered}/video`, `/generations/${rendered}/thumbnail`]
    const shown = [
      '/generations',
      '/generations?attention=true',
      '/generations?fields=summary',
      '/generations/counts',
      ...[rendered, unknown].flatMap((id) =>
        ['', '/events', '/events?format=json', '/deliveries', '/exchanges'].map(
          (part) => `/generations/${id}${part}`,
        ),
      ),
      '/usage?group_by=tenant',
      '/deliveries',
    ]
    for (const path of shown) {
      const answer = await get(path, operator)
      t.equal(answer.status, 200, path)
      t.notMatch(JSON.stringify(answer.body), word, `${path} repeats no prompt`)
    }
    const { body: outline } = await get(`/generations/${unknown}`, operator)
    t.match(outline, {
      prompt: null,
      error: { code: 'outcome_unknown', message: null },
      metadata: scene.metadata,
    })
    for (const path of media) {
      const refused = await get(path, operator)
      t.match(refused.body, { code: 'forbidden', detail: /operate_prompts/ }, path)
      t.equal((await get(path, trusted)).status, 200, path)
    }
    t.match((await get(`/generations/${unknown}`, trusted)).body, {
      prompt: scene.prompt,
      attempts: [{ prompt: scene.prompt }],
    })
    t.match((await get(`/generations?q=${word}`, operator)).body, {
      code: 'forbidden',
      detail: /operate_prompts/,
    })
    t.equal((await ids(`q=${word.toUpperCase()}%20rain`, trusted)).length, 2)
    t.equal((await get('/v1/videos', operator)).status, 403, 'compatible lists stay with their tenant')
    t.match(
      await audited(gateway, rendered),
      { generation: 1, events: 1, deliveries: 1, exchanges: 1 },
      'once per hour and part',
    )
    for (const path of shown) await get(path, operator)
    t.match(await audited(gateway, rendered), { generation: 1, events: 1, deliveries: 1, exchanges: 1 })
    await gateway.advance(hour)
    await get(`/generations/${rendered}`, operator)
    t.match(await audited(gateway, rendered), { generation: 2, events: 1 })
  },
)

/** How often the operator's key is in the log for each part of a generation. */
async function audited(gateway: Gateway, id: string): Promise<Record<string, number>> {
  const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
  const query = `action=generation.viewed&subject=${id}&key=other&limit=100`
  const { body } = await gateway.call('GET', `/audit?${query}`, undefined, admin)
  const parts: Record<string, number> = {}
  for (const { data } of body.data) parts[data.part] = (parts[data.part] ?? 0) + 1
  return parts
}

t.test('a tenant filters its own the same way, and nobody else’s', async (t) => {
  const { gateway, get, ids } = await start(t)
  const one = await made(gateway, scene)
  const two = await made(gateway, { ...scene, prompt: 'a mill', metadata: { film: 'mill', 'a.b': 'c' } })
  for (const [query, found] of [
    ['', [two, one]],
    ['order=oldest', [one, two]],
    ['tenant=studio&upstream=first&status=completed', [two, one]],
    ['metadata.film=rain', [one]],
    ['metadata[film]=mill&metadata.a.b=c', [two]],
    ['metadata.film=snow', []],
    [`q=${word}`, [one]],
    ['attempt_state=unknown', []],
    ['older_than_seconds=86400', []],
    ['model=sora-2&key=studio', [two, one]],
  ] as const)
    t.same(await ids(query), found, query)
  const foreign = await get('/generations?tenant=other')
  t.match(foreign.body, { code: 'forbidden', detail: /observe or operate/ })
  t.equal((await get('/generations/counts?tenant=other')).status, 403)
})
