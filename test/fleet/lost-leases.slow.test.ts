import t from 'tap'
import type { Test } from 'tap'
import { createHeldClock } from '../fixtures/held-clock.ts'
import { postgresDatabases } from '../postgres/databases.ts'
import { skipsPostgres } from '../postgres/server.ts'
import { eachUpstream } from '../e2e/gateway.ts'
import { startFleet } from './fleet-stage.ts'

/** Longer than a lease. */
const sleepMs = 40_000

t.test('a node that stood still for longer than its lease', { skip: skipsPostgres() }, async (t) => {
  const databases = await postgresDatabases(t)

  /** Two nodes of which the first stands still between storing that a create is about to leave and sending it. */
  async function stage(t: Test) {
    const held = createHeldClock()
    const asleep = Promise.withResolvers<void>()
    const awake = Promise.withResolvers<void>()
    const fleet = await startFleet(t, databases, {
      nodes: 2,
      held,
      routing: { unknown_hold_seconds: 600 },
      wrap: (node) =>
        node === 1
          ? {}
          : {
              directory: eachUpstream((upstream) => ({
                async create(request, note, heldBack) {
                  asleep.resolve()
                  await awake.promise
                  return upstream.create(request, note, heldBack)
                },
              })),
            },
    })
    const [first, second] = fleet.containers
    if (first === undefined || second === undefined) throw new Error('no nodes')
    const accepted = await fleet.call(0, 'POST', '/generate', { prompt: 'a paper boat', duration: 5 })
    const { id } = accepted.body
    const work = first.loop.tick()
    await asleep.promise
    const see = async () => (await fleet.call(1, 'GET', `/generations/${id}`)).body
    const sent = () => fleet.simulator.control.requests()['reseller']?.create ?? 0
    t.match(await see(), { attempts: [{ state: 'submitting' }] })
    const wake = async (): Promise<void> => {
      awake.resolve()
      await work
    }
    return { fleet, held, second, see, sent, wake }
  }

  t.test('sends nothing and writes nothing where another node has taken over', async (t) => {
    const { held, second, see, sent, wake } = await stage(t)
    held.advance(sleepMs)
    await second.loop.tick()
    const taken = await see()
    t.match(taken, { status: 'in_progress', attempts: [{ state: 'unknown' }] })
    await wake()
    t.equal(sent(), 0, 'the other node looks for a job, and would take this one for it')
    t.strictSame(await see(), taken)
  })

  t.test('sends nothing where none has yet, says so, and sends later: once', async (t) => {
    const { fleet, held, second, see, sent, wake } = await stage(t)
    held.advance(sleepMs)
    await wake()
    t.equal(sent(), 0)
    t.match(await see(), { attempts: [{ state: 'failed', failure: { code: 'never_sent' } }] })
    for (let step = 0; step < 30 && (await see()).status !== 'completed'; step++) {
      held.advance(1000)
      await second.loop.tick()
    }
    t.match(await see(), { status: 'completed', attempts: [{ state: 'failed' }, { state: 'succeeded' }] })
    t.equal(fleet.simulator.control.renders().length, 1)
  })

  t.test('sends as usual where it stood still for less', async (t) => {
    const { fleet, held, sent, wake } = await stage(t)
    held.advance(20_000)
    await wake()
    t.equal(sent(), 1)
    t.equal(fleet.simulator.control.renders().length, 1)
  })

  t.test('and one whose clock is set back moves nothing that others wait for', async (t) => {
    const { fleet, held, second, wake } = await stage(t)
    const times = () => databases.server.query(fleet.url, 'select due_at, lease_until from generations')
    const before = await times()
    held.set(-3_600_000)
    await second.runUpkeep()
    t.strictSame(await times(), before)
    await wake()
  })
})
