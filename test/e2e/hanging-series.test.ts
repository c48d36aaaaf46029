import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { keys } from './gateway.ts'
import { finishedSeries, makeCharacter, makeSeries, startGateway } from './series-stage.ts'

const other = { authorization: `Bearer ${keys.other}` }
let hung = Promise.withResolvers<void>()
let isHanging = true
let reached = Promise.withResolvers<void>()
const steps: Array<() => void> = []

const gateway = await startGateway(t, {
  stepPause: (_ms, signal) =>
    new Promise((over, fail) => {
      steps.push(() => over(undefined))
      signal.addEventListener('abort', () => fail(new Error('let go')))
    }),
  wrap: {
    store: (store) => ({
      ...store,
      async insert(generation, ...rest) {
        const outcome = await store.insert(generation, ...rest)
        if (isHanging) {
          reached.resolve()
          await hung.promise
        }
        return outcome
      },
    }),
    characters: (characters) => ({
      ...characters,
      async getByName(...given) {
        if (isHanging && given[1] === 'girl') {
          reached.resolve()
          await hung.promise
        }
        return characters.getByName(...given)
      },
    }),
  },
})

t.test('what hangs past its step sends nothing of a series that was cancelled meanwhile', async (t) => {
  isHanging = false
  await makeCharacter(gateway, 'girl')
  const { id } = await makeSeries(gateway, { scenes: [{ prompt: '@girl waves' }] })
  // The scene is given its part of the ceiling.
  await gateway.advance(1000)
  isHanging = true
  reached = Promise.withResolvers()
  hung = Promise.withResolvers()
  await gateway.advance(1000)
  await reached.promise
  for (const over of steps) over()
  await turn()
  t.equal((await gateway.call('POST', `/series/${id}/cancel`)).status, 200)
  for (let step = 0; step < 40; step++) await gateway.advance(1000)
  t.match(await finishedSeries(gateway, id), { status: 'cancelled' })
  isHanging = false
  hung.resolve()
  for (let step = 0; step < 20; step++) await gateway.advance(1000)
  t.same((await gateway.call('GET', '/generations')).body.data, [])
  t.same(gateway.simulator.control.renders(), [], 'nothing is paid')
})

t.test('what was stored and not noted is told, also when the key is revoked meanwhile', async (t) => {
  const admin = { authorization: `Bearer ${gateway.container.adminKey ?? ''}` }
  const { body: key } = await gateway.call('POST', '/keys', { name: 'short', tenant: 'other' }, admin)
  const as = { authorization: `Bearer ${key.secret}` }
  const { id } = await makeSeries(gateway, { scenes: [{ prompt: 'a mill' }] }, as)
  await gateway.advance(1000)
  isHanging = true
  reached = Promise.withResolvers()
  hung = Promise.withResolvers()
  await gateway.advance(1000)
  await reached.promise
  for (const over of steps) over()
  await turn()
  isHanging = false
  await gateway.call('DELETE', `/keys/${key.id}`, undefined, admin)
  for (let step = 0; step < 60; step++) await gateway.advance(1000)
  const { body } = await gateway.call('GET', `/series/${id}`, undefined, other)
  t.ok(body.scenes[0].generation_id, JSON.stringify(body.scenes[0]))
  hung.resolve()
})
