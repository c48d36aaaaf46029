import t from 'tap'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const gateway = await startGateway(t, {
  upstreams: [
    { ...reverse, render: { polls: 1 } },
    { ...official, render: { polls: 1 } },
    { ...reverse, id: 'slow', render: { milliseconds: 36_000_000 } },
  ],
  settings: { official: { timeouts: { create_seconds: 1, stall_seconds: 3600, attempt_seconds: 3600 } } },
})
const { control } = gateway.simulator

t.beforeEach(() => control.reset())

async function run(upstream: string, deadline: number): Promise<string> {
  const routing = { upstreams: [upstream], deadline_seconds: deadline }
  const accepted = await gateway.call('POST', '/generate', { prompt: 'a paper boat', duration: 8, routing })
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  await gateway.advance(0)
  return accepted.body.id
}

async function see(id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

t.test(
  'a job that was done while the gateway was down is delivered, although its deadline passed',
  async (t) => {
    for (const upstream of ['reseller', 'official']) {
      const id = await run(upstream, 120)
      t.match(await see(id), { attempts: [{ state: 'running' }] })
      await gateway.restart(3600_000)
      await gateway.advance(0)
      const told = await gateway.finished(id)
      t.match(told, { status: 'completed', attempts: [{ state: 'succeeded' }] })
      const codes = told.warnings.map(({ code }: { code: string }) => code)
      t.same(codes, upstream === 'reseller' ? ['duration_adjusted'] : [])
      t.equal(control.renders(upstream).length, 1)
    }
  },
)

t.test('a create whose answer was lost is looked for before the deadline is told', async (t) => {
  control.setFaults('official', [{ on: ['create'], kind: 'hang', accepted: true, times: 1 }])
  const id = await run('official', 120)
  t.match(await see(id), { attempts: [{ state: 'unknown' }] })
  await gateway.restart(3600_000)
  await gateway.advance(0)
  t.match(await gateway.finished(id), { status: 'completed' })
  t.equal(control.renders('official').length, 1)
})

t.test('a job that is not done is asked about once after the deadline, and then it is over', async (t) => {
  const id = await run('slow', 120)
  const before = control.requests()['slow']?.poll ?? 0
  await gateway.restart(3600_000)
  await gateway.advance(0)
  t.match(await see(id), { status: 'failed', error: { code: 'deadline_exceeded' } })
  t.ok((control.requests()['slow']?.poll ?? 0) > before)
})

t.test('an upstream that asks to wait for a day is asked at the deadline all the same', async (t) => {
  control.setFaults('reseller', [{ on: ['poll'], kind: 'rate_limited', retryAfterSeconds: 86_400, times: 1 }])
  const id = await run('reseller', 120)
  await gateway.advance(5000)
  await gateway.advance(120_000)
  t.match(await gateway.finished(id), { status: 'completed' })
})
