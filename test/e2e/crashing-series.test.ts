import t from 'tap'
import { finishedSeries, makeSeries, scenesAt } from './series-stage.ts'
import { crashThreeTimes, minute, startPoisoned } from './crashing-stage.ts'

const { gateway, cure } = await startPoisoned(t)

t.test('a series that ends the process each time is shown as set aside, and what to do', async (t) => {
  const made = await makeSeries(gateway, { scenes: scenesAt(1) })
  t.same(made.warnings, [])
  // First, the scene's share of the ceiling is stored.
  await gateway.advance(1000)
  const shown = async () => (await gateway.call('GET', `/series/${made.id}`)).body
  await crashThreeTimes(t, gateway, `/series/${made.id}`)
  t.match(await shown(), {
    status: 'queued',
    warnings: [{ code: 'set_aside', detail: /before 20.* or cancel the series/ }],
  })
  cure()
  await gateway.advance(minute)
  t.match(await shown(), { warnings: [{ code: 'set_aside' }], scenes: [{ generation_id: null }] })
  await gateway.advance(10 * minute)
  t.match(await finishedSeries(gateway, made.id), { status: 'completed', warnings: { length: 0 } })
})
