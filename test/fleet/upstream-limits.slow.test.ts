import t from 'tap'
import { postgresDatabases } from '../postgres/databases.ts'
import { skipsPostgres } from '../postgres/server.ts'
import { keys } from '../e2e/gateway.ts'
import { mostAtOnce, mostWithin, startFleet } from './fleet-stage.ts'
import type { Fleet } from './fleet-stage.ts'

const request = { prompt: 'a paper boat', duration: 5 }

async function accept(fleet: Fleet, count: number): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) => fleet.call(n, 'POST', '/generate', request)),
  )
  return answers.map(({ status, body }) => {
    if (status !== 202) throw new Error(JSON.stringify(body))
    return body.id
  })
}

t.test('limits over three nodes', { skip: skipsPostgres() }, async (t) => {
  const databases = await postgresDatabases(t)

  t.test('no upstream is given more at once than it takes, as it counts itself', async (t) => {
    const limit = 3
    const fleet = await startFleet(t, databases, {
      nodes: 3,
      upstream: { maxInFlight: limit, render: { milliseconds: 1200 } },
      settings: { limits: { max_in_flight: limit } },
    })
    const ids = await accept(fleet, 12)
    const ended = await fleet.ended(ids, 60_000)
    t.same(
      ended.map(({ status }) => status),
      ids.map(() => 'completed'),
    )
    const most = mostAtOnce(fleet.simulator)
    t.ok(most > 1 && most <= limit, `${most} at once`)
    t.equal(
      fleet.simulator.control.requests()['reseller']?.create,
      ids.length,
      'none was refused as one too many',
    )
  })

  t.test('creates and polls keep their pace', async (t) => {
    const fleet = await startFleet(t, databases, {
      nodes: 3,
      settings: { limits: { creates_per_minute: 120, polls_per_second: 5 } },
    })
    const start = Date.now()
    const ids = await accept(fleet, 20)
    await fleet.ended(ids, 60_000)
    const seconds = (Date.now() - start) / 1000
    const burst = 2
    for (const window of [1, 2, 5, 10])
      // What was admitted may reach the vendor later than what follows it: one more.
      t.ok(mostWithin(fleet.simulator, window * 1000) <= burst + window * 2 + 1, `within ${window} s`)
    const { create, poll = 0 } = fleet.simulator.control.requests()['reseller'] ?? {}
    t.equal(create, ids.length)
    t.ok(poll <= 5 + seconds * 5, `${poll} polls in ${seconds} s`)
  })

  t.test('a key spends no more than its budget, and has no more in flight than it may', async (t) => {
    const fleet = await startFleet(t, databases, {
      nodes: 3,
      upstream: { render: { milliseconds: 60_000 } },
      keys: { other: { max_in_flight: 4 }, bank: { allow: ['reverse'], monthly_budget_usd: 0.6 } },
    })
    const sent = async (key: string) => {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, n) => fleet.call(n, 'POST', '/generate', request, key)),
      )
      return {
        accepted: answers.filter(({ status }) => status === 202).length,
        codes: new Set(answers.flatMap(({ status, body }) => (status === 202 ? [] : [body.code]))),
      }
    }
    t.strictSame(await sent(keys.other), { accepted: 4, codes: new Set(['too_many_in_flight']) })
    t.strictSame(await sent(keys.bank), { accepted: 5, codes: new Set(['budget_exceeded']) })
  })
})
