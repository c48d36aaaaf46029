import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { ask, finished, makeCharacter, other } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'

let hung = Promise.withResolvers<void>()
let hangs = false
let hanging = 0
/** The lookup of a character for a generation, while it hangs. */
let preparing: { began: PromiseWithResolvers<void>; ends: PromiseWithResolvers<void> } | null = null

/** Steps that are being waited for, each with a function that ends its time. */
const waits: Array<{ ms: number; over: () => void }> = []

const gateway = await startGateway(t, {
  stepPause: (ms, signal) =>
    new Promise((over, fail) => {
      waits.push({ ms, over: () => over(undefined) })
      signal.addEventListener('abort', () => fail(new Error('let go')))
    }),
  wrap: {
    store: (store) => ({
      ...store,
      async insert(generation, ...rest) {
        if (hangs && generation.tenant === 'studio') {
          hanging += 1
          await hung.promise
        }
        return store.insert(generation, ...rest)
      },
    }),
    characters: (characters) => ({
      ...characters,
      async getByName(...given) {
        if (preparing !== null && given[1] === 'girl') {
          preparing.began.resolve()
          await preparing.ends.promise
        }
        return characters.getByName(...given)
      },
    }),
  },
})

function short(name: string) {
  return ask(name, { scenes: [`@${name} walks`], runs: 1, upstreams: ['reseller'] })
}

t.test('comparisons of one tenant that hang take only slots of their own tenant; others go on', async (t) => {
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
  hung.resolve()
  for (const id of stuck) t.match(await finished(gateway, id), { table: [{ delivered: 1 }] })
})

t.test(
  'a step that hangs gives its slot back at its deadline, and the comparison is taken up again',
  async (t) => {
    const { body: made } = await gateway.call('POST', '/comparisons', short('girl'))
    hangs = true
    hung = Promise.withResolvers<void>()
    hanging = 0
    waits.length = 0
    await gateway.advance(1000)
    // A round ends after a second; its steps continue.
    const isHung = () => hanging > 0
    for (let looks = 0; !isHung() && looks < 1000; looks++) await pause(20)
    t.equal(hanging, 1)
    t.same(
      waits.map(({ ms }) => ms),
      [120_000],
    )
    for (let round = 0; round < 3; round++) await gateway.advance(1000)
    t.equal(hanging, 1, 'what is in hand is not taken up twice')
    hangs = false
    for (const { over } of waits) over()
    await new Promise((turn) => setImmediate(turn))
    t.match(await finished(gateway, made.id), { table: [{ delivered: 1 }], warnings: { length: 0 } })
    hung.resolve()
    await gateway.advance(1000)
    const { body: again } = await gateway.call('GET', `/comparisons/${made.id}`)
    t.match(again, { status: 'completed', table: [{ videos: 1, delivered: 1 }] })
    const { body: paid } = await gateway.call('GET', `/generations/${again.cells[0].generation_id}`)
    t.equal(paid.attempts.length, 1, 'nothing is made twice when what hung goes on at last')
  },
)

t.test('what hangs past its step makes nothing for a comparison that was deleted meanwhile', async (t) => {
  const before = gateway.simulator.control.renders().length
  const { body: made } = await gateway.call('POST', '/comparisons', short('girl'))
  const hanging = { began: Promise.withResolvers<void>(), ends: Promise.withResolvers<void>() }
  preparing = hanging
  waits.length = 0
  await gateway.advance(1000)
  await hanging.began.promise
  t.equal((await gateway.call('DELETE', `/comparisons/${made.id}`)).status, 204)
  preparing = null
  hanging.ends.resolve()
  for (let step = 0; step < 20; step++) await gateway.advance(1000)
  t.equal((await gateway.call('GET', `/generations/${made.cells[0].generation_id}`)).status, 404)
  t.equal(gateway.simulator.control.renders().length, before, 'nothing is paid')
})
