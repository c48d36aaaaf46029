import t from 'tap'
import { ask, finished, makeCharacter } from './comparison-stage.ts'
import { crashThreeTimes, minute, startPoisoned } from './crashing-stage.ts'

const { gateway, cure } = await startPoisoned(t)

t.test('a comparison that ends the process each time is shown as set aside, and what to do', async (t) => {
  await makeCharacter(gateway, 'girl')
  const asked = ask('girl', { scenes: ['@girl walks'], runs: 1, upstreams: ['reseller'] })
  const { body: made } = await gateway.call('POST', '/comparisons', asked)
  t.same(made.warnings, [])
  const shown = async () => (await gateway.call('GET', `/comparisons/${made.id}`)).body
  await crashThreeTimes(t, gateway, `/comparisons/${made.id}`)
  t.match(await shown(), {
    status: 'in_progress',
    warnings: [{ code: 'set_aside', detail: /before 20.* or delete the comparison/ }],
  })
  cure()
  await gateway.advance(minute)
  t.match(await shown(), { status: 'in_progress', warnings: [{ code: 'set_aside' }] })
  await gateway.advance(10 * minute)
  t.match(await finished(gateway, made.id), { warnings: { length: 0 }, table: [{ delivered: 1 }] })
})
