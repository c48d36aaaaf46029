import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { finishedSeries, makeCharacter, makeSeries, startGateway } from './series-stage.ts'

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
  await pause(50)
  t.equal((await gateway.call('POST', `/series/${id}/cancel`)).status, 200)
  for (let step = 0; step < 40; step++) await gateway.advance(1000)
  t.match(await finishedSeries(gateway, id), { status: 'cancelled' })
  isHanging = false
  hung.resolve()
  await pause(100)
  for (let step = 0; step < 5; step++) await gateway.advance(1000)
  t.same((await gateway.call('GET', '/generations')).body.data, [])
  t.same(gateway.simulator.control.renders(), [], 'nothing is paid')
})
