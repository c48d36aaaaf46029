import t from 'tap'
import type { ProbedCall } from '../../src/gateway/domain/steering/probe.ts'
import { probeUpstream } from '../../src/gateway/services/operations/probe-upstream.ts'
import { createUpstreamDirectory } from '../../src/gateway/upstreams/upstream-directory.ts'
import type { UpstreamSettings } from '../../src/gateway/upstreams/settings.ts'
import type { Fault } from '../../src/simulator/faults/fault.ts'
import type { DialectName, SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { settings, spec } from './fixtures.ts'
import { fakeRemote, noLogger } from './loopback.ts'
import type { Test } from './loopback.ts'

const model = 'model-1'

async function start(t: Test, dialect: DialectName, changes: Partial<UpstreamSettings> = {}) {
  const simulated: SimulatedUpstream = {
    id: 'vendor',
    kind: 'official',
    dialect,
    apiKey: 'vendor-key-0001',
    models: [model],
    price: { perRequestUsd: 1 },
    chargedOn: 'success',
    render: { polls: 1 },
    characters: false,
    balance: 250,
  }
  const simulator = await startSimulator({ upstreams: [simulated] })
  const each = settings({
    spec: spec({ dialect, models: { 'sora-2': model } }),
    profile: dialect === 'openai-videos' ? 'openai' : 'generic',
    baseUrl: simulator.baseUrl('vendor'),
    apiKey: 'vendor-key-0001',
    ...changes,
  })
  const warnings: unknown[] = []
  const logger = { ...noLogger, warn: (...line: unknown[]) => void warnings.push(line) }
  const directory = createUpstreamDirectory([each], { remoteMedia: fakeRemote(), logger, clock: Date })
  t.teardown(async () => {
    await directory.close()
    await simulator.close()
  })
  const upstream = directory.all()[0]!
  const fail = (...faults: Fault[]) => simulator.control.setFaults('vendor', faults)
  return { upstream, probe: () => probeUpstream(upstream), simulator, fail, warnings }
}

const balance = (unit: string, micros: number | null) => ({
  operation: 'balance' as const,
  balance: { amount: 250, unit, micros },
})
const seen: Array<[DialectName, Array<Partial<ProbedCall>>]> = [
  [
    'openai-videos',
    [
      { operation: 'list', jobs: 0 },
      { operation: 'models', models: [model] },
    ],
  ],
  ['runway', [balance('credits', 2_500_000)]],
  ['kie-jobs', [balance('credits', null)]],
  ['wavespeed', [balance('usd', 250_000_000)]],
  ['openrouter', [{ operation: 'models', models: [model] }]],
  ['veo', [{ operation: 'models', models: [`models/${model}`] }]],
  ['gemini-omni', [{ operation: 'models', models: [`models/${model}`] }]],
  ['ark-tasks', [{ operation: 'list', jobs: 0 }]],
  ['minimax-v2', [{ operation: 'list', jobs: 0 }]],
  ['dashscope', [{ operation: 'list', jobs: 0 }]],
  ['replicate', [{ operation: 'list', jobs: 0 }]],
  ['sora-tasks', []],
]

for (const [dialect, calls] of seen) {
  t.test(`a probe of ${dialect} makes every call that costs nothing, and no other`, async (t) => {
    const { probe, simulator } = await start(t, dialect)
    const report = await probe()
    t.match(report, {
      upstream: 'upstream-1',
      calls: calls.map((call) => ({ status: 'ok', httpStatus: 200, message: null, ...call })),
      missingModels: calls.some((call) => call.models !== undefined) ? [] : null,
    })
    t.equal(report.calls.length, calls.length)
    const requests = Object.entries(simulator.control.requests()['vendor'] ?? {}).filter(
      ([, count]) => count > 0,
    )
    t.same(Object.fromEntries(requests), Object.fromEntries(calls.map(({ operation }) => [operation, 1])))
  })
}

t.test('a configured model that the upstream does not list is told', async (t) => {
  const models = { 'sora-2': model, 'sora-3': 'sora-3-turbo' }
  const { probe } = await start(t, 'openai-videos', { spec: spec({ models }) })
  t.same((await probe()).missingModels, ['sora-3-turbo'])
})

const failures: Array<[what: string, fault: Fault, status: string]> = [
  ['a wrong key', { kind: 'unauthorized', reason: 'key', after: 0 }, 'account_rejected'],
  [
    'an empty balance',
    { kind: 'billing', code: 'insufficient_quota', after: 0, on: ['list', 'models', 'balance'] },
    'account_rejected',
  ],
  ['an overload', { kind: 'down', answer: 'unavailable', after: 0 }, 'busy'],
  ['a lost connection', { kind: 'down', answer: 'destroy', after: 0 }, 'unreachable'],
  [
    'no answer',
    { kind: 'hang', after: 0, accepted: false, on: ['list', 'models', 'balance'] },
    'unreachable',
  ],
  [
    'a web page',
    { kind: 'html', after: 0, accepted: false, on: ['list', 'models', 'balance'] },
    'unsupported',
  ],
]
for (const dialect of ['openai-videos', 'kie-jobs', 'runway'] as const)
  t.test(
    `failures of ${dialect} are told after one request for each call that is answered, and open no breaker`,
    async (t) => {
      const timeouts = { ...settings().timeouts, pollMs: 1500 }
      const { probe, simulator, fail, upstream, warnings } = await start(t, dialect, { timeouts })
      for (const [what, fault, status] of failures) {
        simulator.control.reset()
        fail(fault)
        const { calls } = await probe()
        t.ok(calls.length > 0)
        for (const call of calls) {
          t.match(call, { status, message: /./ }, what)
          const asked = simulator.control.requests()['vendor']?.[call.operation] ?? 0
          // What is lost on a kept connection is asked once more on a new one.
          t.ok(asked === 1 || (asked === 2 && what === 'a lost connection'), `${what}: ${asked}`)
        }
      }
      t.equal(warnings.length, 1, 'trouble with the account is logged')
      t.same(
        Object.values(upstream.breakers()).map(({ state }) => state),
        ['closed', 'closed', 'closed', 'closed'],
      )
    },
  )

t.test('trouble with the account is logged once, until a create shows that it is over', async (t) => {
  const { probe, fail, warnings } = await start(t, 'openai-videos')
  fail({ kind: 'unauthorized', reason: 'key', after: 0 })
  await probe()
  await probe()
  fail()
  await probe()
  t.match(warnings, [
    [{ upstream: 'upstream-1' }, 'upstream rejects its account: check the API key and the balance'],
  ])
  t.equal(warnings.length, 1)
})

t.test('a base URL with a doubled path is told for each call', async (t) => {
  const simulated = await start(t, 'openai-videos')
  const baseUrl = `${simulated.simulator.baseUrl('vendor')}/v1`
  const { probe } = await start(t, 'openai-videos', { baseUrl })
  t.match((await probe()).calls, [{ status: 'unsupported' }, { status: 'unsupported' }])
})
