import * as fc from 'fast-check'
import type { Test } from 'tap'
import { createsPerMinuteRate, pollsPerSecondRate } from '../../src/gateway/domain/scheduling/call-rate.ts'
import { admit } from '../../src/gateway/domain/scheduling/poll-pacing.ts'
import type { UpstreamRates } from '../../src/gateway/ports/operations/upstream-rates.ts'

/** Processes over one database, and the clock by which it admits. */
export interface RatesStage {
  nodes: UpstreamRates[]
  now: () => number
  set: (now: number) => Promise<void>
}

const upstream = 'reseller-a'

/** What every UpstreamRates guarantees. `make` opens an empty one whose clock stands still. */
export function upstreamRatesContract(t: Test, make: (t: Test) => Promise<RatesStage>): void {
  t.test('calls that come at once are admitted up to the burst, whichever node they come from', async (t) => {
    const { nodes, now } = await make(t)
    const rate = pollsPerSecondRate(10)
    const answers = await Promise.all(
      Array.from({ length: 20 }).flatMap(() => nodes.map((node) => node.admit(upstream, 'poll', rate))),
    )
    t.equal(answers.filter((answer) => answer === null).length, 10)
    const waits = answers.flatMap((answer) => (answer === null ? [] : [answer - now()]))
    t.ok(
      waits.every((wait) => wait > 0 && wait <= 101),
      'the others may ask again after one interval',
    )
  })

  t.test('a create is admitted each interval, and none in between', async (t) => {
    const { nodes, now, set } = await make(t)
    const rate = createsPerMinuteRate(30)
    const start = now()
    const admitted: number[] = []
    for (let second = 0; second < 12; second++) {
      await set(start + second * 1000)
      for (const node of nodes)
        if ((await node.admit(upstream, 'create', rate)) === null) admitted.push(second)
    }
    t.same(admitted, [0, 2, 4, 6, 8, 10])
  })

  t.test('creates and polls, and different upstreams, are counted apart', async (t) => {
    const { nodes } = await make(t)
    const [node] = nodes
    const rate = createsPerMinuteRate(1)
    t.equal(await node?.admit(upstream, 'create', rate), null)
    t.equal(await node?.admit(upstream, 'poll', rate), null)
    t.equal(await node?.admit('openai', 'create', rate), null)
    t.not(await node?.admit(upstream, 'create', rate), null)
  })

  t.test('a clock that is set back does not close an upstream for long', async (t) => {
    const { nodes, now, set } = await make(t)
    const [node] = nodes
    const rate = createsPerMinuteRate(60)
    t.equal(await node?.admit(upstream, 'create', rate), null)
    await set(now() - 3_600_000)
    t.equal(await node?.admit(upstream, 'create', rate), null)
  })

  t.test('any sequence of calls and times is admitted as the rule says', async (t) => {
    const { nodes, now, set } = await make(t)
    const [node] = nodes
    let names = 0
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 }),
        async (perSecond, pauses) => {
          const rate = pollsPerSecondRate(perSecond)
          const name = `upstream-${names++}`
          let slot = 0
          for (const pause of pauses) {
            await set(now() + pause)
            const expected = admit(slot, now(), rate.intervalMs, rate.burst)
            const answer = await node?.admit(name, 'poll', rate)
            if (expected.admitted !== (answer === null)) return false
            if (expected.admitted) slot = expected.slot
            // What the rule takes for free earlier than it is: at most a millisecond of rounding.
            else if (answer == null || Math.abs(answer - expected.retryAt) > 1) return false
          }
          return true
        },
      ),
      { numRuns: 40 },
    )
  })
}
