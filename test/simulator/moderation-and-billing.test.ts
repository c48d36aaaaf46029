import t from 'tap'
import { client, heldClock, official, reseller, stage } from './stage.ts'

t.test('the word forbidden is refused at create, in each dialect’s words, and costs nothing', async (t) => {
  const upstreams = [official(), reseller({ chargedOn: 'create' })]
  const simulator = await stage(t, upstreams)
  const ask = client(simulator, upstreams[0]!)
  const refusal = await ask('POST', '/videos', { prompt: 'a Forbidden dance' })
  t.match(refusal, { status: 400, json: { error: { code: 'moderation_blocked' } } })
  const other = await client(simulator, upstreams[1]!)('POST', '/sora/generate', {
    prompt: 'forbidden',
    duration: 5,
  })
  t.match(other, { status: 400, json: { error: { code: 'content_policy_violation' } } })
  t.equal((await ask('POST', '/videos', { prompt: 'unforbiddenly nice' })).status, 200)
  t.equal(simulator.control.renders().length, 1)
})

t.test('forbidden-late is accepted, and refused when the job ends', async (t) => {
  const upstream = official()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { id } = (await ask('POST', '/videos', { prompt: 'a forbidden-late dance' })).json
  t.equal((await ask('GET', `/videos/${id}`)).json.status, 'in_progress')
  t.match((await ask('GET', `/videos/${id}`)).json, {
    status: 'failed',
    error: { code: 'moderation_blocked' },
  })
  t.equal(simulator.control.bill().totalUsd, 0)
})

t.test(
  'an upstream that charges for success bills completed jobs, one that charges for creates bills all',
  async (t) => {
    const clock = heldClock()
    const upstreams = [
      official({ render: { milliseconds: 1000 } }),
      reseller({ chargedOn: 'create', render: { milliseconds: 1000 } }),
    ]
    const simulator = await stage(t, upstreams, clock)
    const ask = client(simulator, upstreams[0]!)
    const askReseller = client(simulator, upstreams[1]!)
    await ask('POST', '/videos', { prompt: 'one', seconds: '8' })
    await ask('POST', '/videos', { prompt: 'one', seconds: '8' })
    await ask('POST', '/videos', { prompt: 'tall', seconds: '4', size: '90x160' })
    await ask('POST', '/videos', { prompt: 'forbidden-late' })
    await askReseller('POST', '/sora/generate', { prompt: 'one', duration: 5 })
    await askReseller('POST', '/sora/generate', { prompt: 'forbidden-late', duration: 10 })
    t.match(simulator.control.bill(), {
      totalUsd: 0.24,
      upstreams: {
        official: { accepted: 4, completed: 0, billedUsd: 0 },
        reseller: { accepted: 2, billedUsd: 0.24 },
      },
    })
    clock.advance(1000)
    t.same(simulator.control.bill(), {
      totalUsd: 3.84,
      upstreams: {
        official: { accepted: 4, completed: 3, failed: 1, billedUsd: 3.6 },
        reseller: { accepted: 2, completed: 1, failed: 1, billedUsd: 0.24 },
      },
    })
  },
)
