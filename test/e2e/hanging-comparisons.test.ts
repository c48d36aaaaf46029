import t from 'tap'
import { ask, finished, makeCharacter, other } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'

const answered = Promise.withResolvers<void>()
let hangs = false
let hanging = 0

const gateway = await startGateway(t, {
  wrap: {
    store: (store) => ({
      ...store,
      async insert(generation, ...rest) {
        if (hangs && generation.tenant === 'studio') {
          hanging += 1
          await answered.promise
        }
        return store.insert(generation, ...rest)
      },
    }),
  },
})

function short(name: string) {
  return ask(name, { scenes: [`@${name} walks`], runs: 1, upstreams: ['reseller'] })
}

t.test('comparisons of one tenant that hang take their own places only; others go on', async (t) => {
  await makeCharacter(gateway, 'girl')
  await makeCharacter(gateway, 'boy', other)
  hangs = true
  const stuck: string[] = []
  for (let made = 0; made < 5; made++)
    stuck.push((await gateway.call('POST', '/comparisons', short('girl'))).body.id)
  await gateway.advance(1000)
  const begun = performance.now()
  const { body: made } = await gateway.call('POST', '/comparisons', short('boy'), other)
  t.match(await finished(gateway, made.id, other), { table: [{ delivered: 1 }] })
  t.equal(hanging, 2, 'the share of one tenant, and nothing more however long it hangs')
  t.ok(performance.now() - begun < 60_000)
  hangs = false
  answered.resolve()
  const [first = ''] = stuck
  t.match(await finished(gateway, first), { table: [{ delivered: 1 }] })
})
