import t from 'tap'
import type { CreateOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import { createOutages } from '../../src/gateway/upstreams/breakers/model-outages.ts'

const accepted: CreateOutcome = { type: 'accepted', job: { upstreamId: 'j', operation: null, model: null } }
const gone: CreateOutcome = {
  type: 'upstream_down',
  message: 'no such model',
  retryAfterMs: null,
  modelGone: true,
}

function stage() {
  const clock = { time: 0, now: () => clock.time }
  const changes: object[] = []
  let asked = 0
  const outages = createOutages(1000, { clock, onChange: (change) => changes.push(change) })
  const create = (outcome: CreateOutcome) => () => {
    asked += 1
    return Promise.resolve(outcome)
  }
  const run = (model: string, asked: () => Promise<CreateOutcome>) =>
    outages.run(model, asked, (text) => text.replaceAll('a secret word', '[prompt]'))
  return { outages, run, clock, changes, create, asked: () => asked }
}

t.test('one answer that a model is gone keeps creates away from it, and from no other model', async (t) => {
  const { outages, run, clock, create, asked } = stage()
  t.same(await run('a', create(gone)), gone)
  t.same(outages.current(), [{ model: 'a', reason: 'no such model', until: 1000 }])
  clock.time = 400
  t.match(await run('a', create(accepted)), {
    type: 'never_sent',
    message: 'The model a is unavailable: no such model',
    retryAfterMs: 600,
  })
  t.match(await run('b', create(accepted)), accepted)
  t.equal(asked(), 2)
})

t.test('when the time is over one create tries it, while others wait', async (t) => {
  const { outages, run, clock, changes, create } = stage()
  await run('a', create(gone))
  clock.time = 1000
  t.same(outages.current(), [])
  const { promise, resolve } = Promise.withResolvers<CreateOutcome>()
  const trial = run('a', () => promise)
  t.match(await run('a', create(accepted)), { type: 'never_sent' })
  resolve(accepted)
  t.match(await trial, accepted)
  t.match(await run('a', create(accepted)), accepted)
  t.match(changes, [
    { model: 'a', until: 1000 },
    { model: 'a', until: null },
  ])
})

t.test('a trial that finds it gone begins anew; one that was never sent says nothing', async (t) => {
  const { outages, run, clock, create } = stage()
  await run('a', create(gone))
  clock.time = 1500
  await run('a', create({ type: 'never_sent', message: 'no slot', retryAfterMs: null }))
  await run('a', create(gone))
  t.match(outages.current(), [{ until: 2500 }])
})

t.test('any other kind of down is left to the breaker', async (t) => {
  const { outages, run, create } = stage()
  await run('a', create({ type: 'upstream_down', message: 'no money', retryAfterMs: null }))
  t.same(outages.current(), [])
})

t.test('what belongs to one create alone is no part of the reason that others see', async (t) => {
  const { outages, run, create } = stage()
  const told = await run('a', create({ ...gone, message: 'gone: a secret word' }))
  t.match(told, { message: 'gone: a secret word' }, 'its own create is told all of it')
  t.match(outages.current(), [{ reason: 'gone: [prompt]' }])
  t.match(await run('a', create(accepted)), { message: 'The model a is unavailable: gone: [prompt]' })
})
