import t from 'tap'
import { ask, finished, makeCharacter } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'

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

t.test('a comparison that ends the process each time is shown as set aside, and what to do', async (t) => {
  await makeCharacter(gateway, 'girl')
  const asked = ask('girl', { scenes: ['@girl walks'], runs: 1, upstreams: ['reseller'] })
  const { body: made } = await gateway.call('POST', '/comparisons', asked)
  t.same(made.warnings, [])
  const shown = async () => (await gateway.call('GET', `/comparisons/${made.id}`)).body
  for (const end of [1, 2, 3]) {
    await gateway.advance(1000)
    t.same((await shown()).warnings, [], `before end ${end}`)
    await gateway.container.crashed()
    await gateway.restart()
  }
  t.match(await shown(), {
    status: 'in_progress',
    warnings: [{ code: 'set_aside', detail: /before 20.* or delete the comparison/ }],
  })
  poisoned = false
  await gateway.advance(minute)
  t.match(await shown(), { status: 'in_progress', warnings: [{ code: 'set_aside' }] })
  await gateway.advance(10 * minute)
  t.match(await finished(gateway, made.id), { warnings: [], table: [{ delivered: 1 }] })
})
