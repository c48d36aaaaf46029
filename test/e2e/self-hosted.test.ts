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
