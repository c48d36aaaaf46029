import t from 'tap'
import { finishedSeries, makeSeries, scenesAt, startGateway } from './series-stage.ts'

const minute = 60_000
let poisoned = true

/** While it is poisoned, the process ends in the midst of each step. */
const gateway = await startGateway(t, {
  wrap: {
    store: (store) => ({
      ...store,
      async insert(...given) {
        if (poisoned) await new Promise(() => undefined)
        return store.insert(...given)
      },
    }),
  },
})

t.test('a series that ends the process each time is shown as set aside, and what to do', async (t) => {
  const made = await makeSeries(gateway, { scenes: scenesAt(1) })
  t.same(made.warnings, [])
  // The scene is given its part of the ceiling first, which is stored.
  await gateway.advance(1000)
  const shown = async () => (await gateway.call('GET', `/series/${made.id}`)).body
  for (const end of [1, 2, 3]) {
    await gateway.advance(1000)
    t.same((await shown()).warnings, [], `before end ${end}`)
    await gateway.container.crashed()
    await gateway.restart()
  }
  t.match(await shown(), {
    status: 'queued',
    warnings: [{ code: 'set_aside', detail: /before 20.* or cancel the series/ }],
  })
  poisoned = false
  await gateway.advance(minute)
  t.match(await shown(), { warnings: [{ code: 'set_aside' }], scenes: [{ generation_id: null }] })
  await gateway.advance(10 * minute)
  t.match(await finishedSeries(gateway, made.id), { status: 'completed', warnings: [] })
})
