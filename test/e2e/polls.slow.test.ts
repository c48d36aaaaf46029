import t from 'tap'
import type { FaultInput } from '../../src/simulator/faults/fault.ts'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

type Fault = Parameters<Gateway['simulator']['control']['setFaults']>[1][number]

const gateway = await startGateway(t, {
  upstreams: [
    reverse,
    official,
    { ...reverse, id: 'long-reseller', render: { polls: 20 } },
    { ...official, id: 'long-official', render: { polls: 20 } },
    { ...reverse, id: 'snail', render: { milliseconds: 3600_000 } },
  ],
})
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

/** Accepted by the upstream, and not polled yet. */
async function run(upstream: string, routing: object = {}): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: [upstream], ...routing } }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  await gateway.advance(0)
  return accepted.body.id
}

async function see(id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

function polls(upstream: string): number {
  return control.requests()[upstream]?.poll ?? 0
}

/** One more poll, with this fault. */
async function poll(upstream: string, fault: FaultInput | null): Promise<void> {
  control.setFaults(upstream, fault === null ? [] : [fault])
  const before = polls(upstream)
  for (let step = 0; polls(upstream) === before; step++) {
    if (step > 120) throw new Error('it is not polled any more')
    await gateway.advance(1000)
  }
}

t.test('three times not found in a row and no less is a lost job', async (t) => {
  const gone = { kind: 'vanished' } as const
  for (const upstream of ['long-reseller', 'long-official']) {
    const id = await run(upstream)
    for (const fault of [gone, null, gone, gone, null, gone, gone]) await poll(upstream, fault)
    t.match(await see(id), { attempts: [{ state: 'running' }] }, 'being found begins the count again')
    await poll(upstream, { kind: 'server_error', on: ['poll'] })
    await poll(upstream, gone)
    await poll(upstream, gone)
    t.match(await see(id), { attempts: [{ state: 'running' }] }, 'and so does an answer that says nothing')
    await poll(upstream, gone)
    t.match(await see(id), { attempts: [{ state: 'failed', failure: { code: 'lost' } }] })
  }
})

const silences: Fault[] = [
  { kind: 'html', on: ['poll'], after: 0, accepted: false },
  { kind: 'overloaded', wrapped: 'in_200', on: ['poll'], after: 0 },
  { kind: 'unauthorized', on: ['poll'], after: 0 },
  { kind: 'billing', code: 'insufficient_credits', on: ['poll'], after: 0 },
  { kind: 'rate_limited', on: ['poll'], reason: 'requests', after: 0 },
  { kind: 'server_error', status: 502, body: 'html', on: ['poll'], after: 0, accepted: false },
  { kind: 'model_gone', variant: 'invalid_url', on: ['poll'], after: 0 },
  { kind: 'down', answer: 'unavailable', on: ['poll'], after: 0 },
  { kind: 'down', answer: 'destroy', on: ['poll'], after: 0 },
  { kind: 'reset', on: ['poll'], after: 0, accepted: false },
]
for (const fault of silences) {
  t.test(`ten minutes of polls that meet ${named(fault)} fail no job, and it is delivered`, async (t) => {
    for (const upstream of ['reseller', 'official']) {
      const id = await run(upstream)
      control.setFaults(upstream, [fault])
      for (let minute = 0; minute < 10; minute++) await gateway.advance(60_000)
      t.match(await see(id), { status: 'in_progress', error: null })
      t.ok(polls(upstream) > 5, 'it was asked on')
      control.clearFaults(upstream)
      for (let minute = 0; minute < 4; minute++) await gateway.advance(60_000)
      const generation = await see(id)
      t.match(generation, { status: 'completed', attempts: [{ state: 'succeeded' }] })
      t.equal(generation.cost_usd, control.bill().upstreams[upstream]?.billedUsd)
      t.equal(control.requests()[upstream]?.create, 1, 'made once')
    }
  })
}

function named({ kind, ...rest }: Fault): string {
  const details = Object.entries(rest).filter(([key]) => ['status', 'answer', 'wrapped'].includes(key))
  return [kind, ...details.map(([, value]) => String(value))].join(' ')
}

for (const style of ['regress', 'float', 'fraction', 'percent', 'missing'] as const) {
  t.test(`progress that comes as "${style}" is shown as an integer that never goes back`, async (t) => {
    for (const upstream of ['long-reseller', 'long-official']) {
      const id = await run(upstream)
      control.setFaults(upstream, [{ kind: 'odd_progress', style }])
      const shown: number[] = []
      for (let step = 0; step < 60; step++) {
        const { status, progress, attempts } = await see(id)
        shown.push(progress)
        t.ok(Number.isInteger(progress) && progress >= 0 && progress <= 100, `${progress}`)
        t.equal(progress === 100, status === 'completed', '100 is for what is there')
        t.equal(attempts.length, 1)
        if (status === 'completed') break
        await gateway.advance(1000)
      }
      t.same(
        shown,
        shown.toSorted((a, b) => a - b),
        `${upstream}: ${shown.join(' ')}`,
      )
      if (style !== 'missing') t.ok(new Set(shown).size > 5, 'and goes on')
    }
  })
}

t.test(
  'a job that moves too slowly is told from one that stands still, and neither is a failure',
  async (t) => {
    control.setFaults('reseller', [{ kind: 'stuck' }])
    const [still, slow] = [await run('reseller'), await run('snail')]
    for (let step = 0; step < 4; step++) await gateway.advance(40_000)
    t.match(await see(still), { attempts: [{ state: 'abandoned', failure: { code: 'stalled' } }] })
    t.match(await see(slow), { attempts: [{ state: 'running', failure: null }] })
    for (let step = 0; step < 4; step++) await gateway.advance(40_000)
    t.match(await see(slow), {
      status: 'in_progress',
      error: null,
      attempts: [{ state: 'abandoned', failure: { code: 'deadline' }, cost_state: 'reserved' }],
    })
    t.match(await see(still), {
      status: 'in_progress',
      attempts: [{ state: 'abandoned', failure: { code: 'stalled' }, cost_state: 'reserved' }],
    })
    for (const { id } of control.renders()) control.finish(id)
    for (const id of [still, slow])
      t.match(await gateway.finished(id), {
        status: 'completed',
        attempts: [{ state: 'succeeded', failure: null }],
      })
  },
)
