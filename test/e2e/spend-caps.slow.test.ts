import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const operator = { authorization: `Bearer ${keys.other}` }
const day = 86_400_000
const scene = { prompt: 'a mill by a river', duration: 10 }
const patient = { routing: { upstreams: ['reseller'], deadline_seconds: 86_400 } }

const keySettings = { other: { scopes: ['operate'] } }
const capped = (usd: number) => ({ reseller: { limits: { spend_usd_per_day: usd } } })

/** Twelve cents each, at the reseller. */
async function start(t: Test, capUsd: number): Promise<Gateway> {
  return startGateway(t, {
    upstreams: [reverse, official],
    keys: keySettings,
    settings: capped(capUsd),
    patient: true,
  })
}

async function spend(gateway: Gateway, id = 'reseller', headers = operator) {
  const { body } = await gateway.call('GET', '/upstreams', undefined, headers)
  return body.data.find((each: { id: string }) => each.id === id).spend
}

const creates = ({ simulator }: Gateway) => simulator.control.requests()['reseller']?.create ?? 0
const midnightAfter = (now: number) => new Date((Math.floor(now / day) + 1) * day).toISOString()

async function submitted(gateway: Gateway, count: number, body: object): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, () => gateway.call('POST', '/generate', body)),
  )
  for (const { status } of answers) t.equal(status, 202, 'requests are accepted all the same')
  return answers.map((answer) => answer.body.id)
}

t.test(
  'of twenty parallel requests those below the cap are sent, and the others after midnight',
  async (t) => {
    const gateway = await start(t, 1.2)
    const ids = await submitted(gateway, 20, { ...scene, ...patient })
    for (let turn = 0; turn < 30; turn++) {
      await gateway.advance(2000)
      t.ok(creates(gateway) <= 10)
    }
    t.equal(creates(gateway), 10, 'ten times $0.12 are exactly the cap')
    t.equal(gateway.simulator.control.bill().totalUsd, 1.2)
    const states = await Promise.all(
      ids.map(async (id) => (await gateway.call('GET', `/generations/${id}`)).body),
    )
    t.equal(states.filter(({ status }) => status === 'completed').length, 10)
    const waiting = states.filter(({ status }) => status === 'queued')
    t.equal(waiting.length, 10)
    const resetsAt = midnightAfter(gateway.now())
    for (const each of waiting)
      t.match(each, {
        attempts: [],
        error: null,
        warnings: [
          {
            code: 'upstream_over_spend_cap',
            detail: `reseller: The spend cap of the upstream for today is reached. It ends at ${resetsAt}.`,
          },
        ],
      })
    t.same(await spend(gateway), {
      spent_today_usd: 1.2,
      reserved_today_usd: 0,
      cap_usd: 1.2,
      left_usd: 0,
      resets_at: resetsAt,
    })
    await gateway.advance(Date.parse(resetsAt) - gateway.now() - 60_000)
    t.equal(creates(gateway), 10, 'a minute before midnight')
    for (const { id } of waiting) t.match(await gateway.finished(id), { status: 'completed' })
    t.equal(creates(gateway), 20)
    t.match(await spend(gateway), { spent_today_usd: 1.2, left_usd: 0 }, 'on the new day')
  },
)

t.test('work goes around an upstream at its cap, and the reason is told without amounts', async (t) => {
  const gateway = await start(t, 0.23)
  t.match(await gateway.generate(scene), { attempts: [{ upstream: 'reseller' }] })
  const route = await gateway.call('POST', '/route', scene)
  t.match(route.body, {
    candidates: [{ upstream: 'official' }],
    excluded: [
      { upstream: 'reseller', code: 'over_spend_cap', detail: /^The spend cap of the upstream for today/ },
    ],
  })
  t.notMatch(route.body.excluded[0].detail, /\$/)
  t.match(await gateway.generate(scene), { status: 'completed', attempts: [{ upstream: 'official' }] })
  t.equal(creates(gateway), 1)
})

t.test('a job that fails without a charge frees its part of the cap', async (t) => {
  const gateway = await start(t, 0.12)
  gateway.simulator.control.setFaults('reseller', [{ kind: 'down', on: ['create'], times: 1 }])
  const [id = ''] = await submitted(gateway, 1, { ...scene, ...patient })
  t.match(await gateway.finished(id), {
    status: 'completed',
    attempts: [{ state: 'failed', cost_usd: 0 }, {}],
  })
  t.match(await spend(gateway), { spent_today_usd: 0.12, reserved_today_usd: 0, left_usd: 0 })
})

t.test('what is reserved counts, also after a restart', async (t) => {
  const gateway = await start(t, 0.13)
  const ids = await submitted(gateway, 2, { ...scene, ...patient })
  while (creates(gateway) === 0) await gateway.advance(500)
  t.match(await spend(gateway), { spent_today_usd: 0, reserved_today_usd: 0.12, left_usd: 0.01 })
  await gateway.restart()
  t.match(await spend(gateway), { spent_today_usd: 0, reserved_today_usd: 0.12 })
  for (let turn = 0; turn < 30; turn++) await gateway.advance(2000)
  t.equal(creates(gateway), 1)
  const states = await Promise.all(
    ids.map(async (id) => (await gateway.call('GET', `/generations/${id}`)).body.status),
  )
  t.same(new Set(states), new Set(['completed', 'queued']))
})

t.test('a deadline that passes meanwhile says why', async (t) => {
  const gateway = await start(t, 0.1)
  const body = { ...scene, routing: { upstreams: ['reseller'], deadline_seconds: 60 } }
  const [id = ''] = await submitted(gateway, 1, body)
  const ended = await gateway.finished(id)
  t.match(ended, { status: 'failed', attempts: [], error: { message: /spend cap of the upstream/ } })
})

t.test('only keys that see all money see what an upstream spent', async (t) => {
  const gateway = await start(t, 1)
  t.match(await spend(gateway, 'official'), { cap_usd: null, left_usd: null, spent_today_usd: 0 })
  t.equal(await spend(gateway, 'reseller', { authorization: `Bearer ${keys.studio}` }), null)
})

t.test('a reload changes the cap', async (t) => {
  const gateway = await start(t, 0.12)
  await gateway.generate({ ...scene, ...patient })
  const [id = ''] = await submitted(gateway, 1, { ...scene, ...patient })
  for (let turn = 0; turn < 5; turn++) await gateway.advance(5000)
  t.equal(creates(gateway), 1)
  const text = configText(gateway.simulator, [reverse, official], gateway.directory, {
    keys: keySettings,
    settings: capped(0.24),
  })
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.match(gateway.container.reload(loaded), { type: 'reloaded', changes: ['upstreams.reseller'] })
  t.match(await gateway.finished(id), { status: 'completed' })
  t.match(await spend(gateway), { cap_usd: 0.24, left_usd: 0 })
})
