import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { official, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

/** Servers on one's own machines, with their own ways: vLLM-Omni, SGLang and TensorRT-LLM. */

const server: SimulatedUpstream = {
  ...official,
  id: 'server',
  kind: 'self_hosted',
  profile: 'vllm-omni',
  price: { perSecondUsd: { default: 0.01 } },
  render: { milliseconds: 3000 },
}
const strict = { min_calls: 3, failure_rate: 0.5, window_seconds: 30, open_seconds: 20 }
const boat = { prompt: 'a paper boat', duration: 8 }

async function see(gateway: Gateway, id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

for (const code of ['500', '400', '404', '503']) {
  t.test(
    `a job that vLLM-Omni answers as failed with ${code} falls back at once, and its three neighbours are delivered`,
    async (t) => {
      const gateway = await startGateway(t, {
        upstreams: [server, official],
        settings: { server: { profile: 'vllm-omni', breaker: strict }, official: { breaker: strict } },
      })
      const message = 'CUDA out of memory. Tried to allocate 2.50 GiB.'
      gateway.simulator.control.setFaults('server', [{ kind: 'fails_late', code, message, times: 1 }])
      const routing = { upstreams: ['server', 'official'] }
      const ids: string[] = []
      for (let count = 0; count < 4; count++) {
        const { body } = await gateway.call('POST', '/generate', { ...boat, routing })
        ids.push(body.id)
        await gateway.advance(0)
      }
      const [failed = '', ...healthy] = ids
      for (let second = 0; second < 12; second++) await gateway.advance(1000)
      for (const id of healthy)
        t.match(await see(gateway, id), {
          status: 'completed',
          attempts: [{ upstream: 'server', state: 'succeeded' }],
        })
      const { attempts, status } = await see(gateway, failed)
      t.equal(status, 'completed')
      t.match(attempts, [
        {
          upstream: 'server',
          state: 'failed',
          failure: { code: 'job_failed', message: /CUDA out of memory/ },
        },
        { upstream: 'official', state: 'succeeded' },
      ])
      const { body } = await gateway.call('GET', '/upstreams')
      const { breakers } = body.data.find(({ id }: { id: string }) => id === 'server')
      t.match(breakers.poll, { state: 'closed' })
    },
  )
}

/** A server whose list holds no prompts, with its first create's answer lost after the job was made. */
async function withLostCreate(t: Parameters<typeof startGateway>[0], exclusive: boolean) {
  const sglang: SimulatedUpstream = { ...server, profile: 'sglang' }
  const gateway = await startGateway(t, {
    upstreams: [sglang],
    settings: { server: { profile: 'sglang', exclusive } },
  })
  gateway.simulator.control.setFaults('server', [{ kind: 'reset', accepted: true, times: 1 }])
  return gateway
}

t.test(
  'SGLang: a lost create is found by its length and size where nobody else uses the server',
  async (t) => {
    const gateway = await withLostCreate(t, true)
    const generation = await gateway.generate(boat)
    t.match(generation, {
      status: 'completed',
      attempts: [{ state: 'succeeded', candidate_upstream_id: null }],
    })
    t.equal(gateway.simulator.control.renders().length, 1)
  },
)

t.test('SGLang: where others may use it, the job is shown as a candidate and given to nobody', async (t) => {
  const gateway = await withLostCreate(t, false)
  const generation = await gateway.generate(boat)
  const job = gateway.simulator.control.renders()[0]?.id
  t.match(generation, { status: 'failed', error: { code: 'outcome_unknown' }, video: null })
  t.match(generation.attempts, [{ state: 'unknown', candidate_upstream_id: job }])
  t.equal(gateway.simulator.control.renders().length, 1, 'and it is made once')
})

t.test('SGLang: of two lost creates that look the same neither takes a job', async (t) => {
  const gateway = await withLostCreate(t, true)
  gateway.simulator.control.setFaults('server', [
    { kind: 'reset', accepted: true, times: 1 },
    { kind: 'reset', accepted: false, times: 1 },
  ])
  const ids: string[] = []
  for (let count = 0; count < 2; count++) ids.push((await gateway.call('POST', '/generate', boat)).body.id)
  await gateway.advance(0)
  for (let second = 0; second < 30; second++) await gateway.advance(1000)
  for (const id of ids) t.match(await see(gateway, id), { attempts: [{ state: 'unknown' }] })
  t.equal(gateway.simulator.control.renders().length, 1)
})

t.test('SGLang: a cancelled job runs on, and holds its slot until that is known', async (t) => {
  const gateway = await startGateway(t, {
    upstreams: [{ ...server, profile: 'sglang', render: { milliseconds: 60_000 } }],
    settings: { server: { profile: 'sglang', limits: { max_in_flight: 1 } } },
  })
  const { body: first } = await gateway.call('POST', '/generate', boat)
  await gateway.advance(0)
  await gateway.advance(1000)
  await gateway.call('POST', `/generations/${first.id}/cancel`)
  await gateway.advance(1000)
  t.match(await see(gateway, first.id), {
    status: 'cancelled',
    attempts: [{ state: 'abandoned', cost_state: 'reserved' }],
  })
  t.equal(gateway.simulator.control.requests()['server']?.delete, 0, 'it is not asked to forget the job')
  const { body: second } = await gateway.call('POST', '/generate', boat)
  for (let second = 0; second < 20; second++) await gateway.advance(1000)
  t.equal(gateway.simulator.control.renders().length, 1, 'nothing more is sent while the engine is busy')
  t.equal((await gateway.finished(second.id)).status, 'completed')
  t.match(await see(gateway, first.id), { attempts: [{ state: 'succeeded', cost_state: 'settled' }] })
})

t.test(
  'a length that the servers of a profile do not take is rounded up before anything is sent',
  async (t) => {
    for (const profile of ['vllm-omni', 'sglang'] as const) {
      const gateway = await startGateway(t, {
        upstreams: [{ ...server, profile }],
        settings: { server: { profile, durations: null } },
      })
      const { body } = await gateway.call('POST', '/route', { ...boat, duration: 4.5 })
      t.match(body, { candidates: [{ upstream: 'server', reason: /for 5 s, not the 4.5 s/ }] })
      const exact = { ...boat, duration: 4.5, routing: { duration: 'exact' } }
      t.match((await gateway.call('POST', '/route', exact)).body, {
        excluded: [{ code: 'duration_unsupported', detail: /whole numbers/ }],
      })
    }
  },
)
