import * as fc from 'fast-check'
import t from 'tap'
import { createPrometheus } from '../../src/gateway/observability/metrics/prometheus.ts'
import { createEventCounts } from '../../src/gateway/services/observability/measured-store.ts'
import { moves, newPlay, playMove } from '../domain/lifecycle-play.ts'
import { seriesOf } from '../e2e/metrics-page.ts'

const generations = 10_000

t.test('10,000 more generations of every kind, at the seam of the store, add no series', async (t) => {
  const metrics = createPrometheus({ version: '1.2.3', upstreams: ['a', 'b'] })
  const counts = createEventCounts(metrics)
  const series = async () => seriesOf((await metrics.page()).text)
  let played = 0
  const play = (number: number) => {
    for (const list of fc.sample(moves(10), { numRuns: number, seed: 7 + played })) {
      const one = newPlay({})
      counts.stored(one.generation, [{ type: 'generation.queued', at: 0, data: {} }], null)
      for (const move of list) if (!playMove(one, move)) break
      for (const { after, entries } of one.seen) counts.stored(after, entries, null)
      played += 1
    }
  }
  play(2000)
  const before = await series()
  play(generations)
  const after = await series()
  t.same(names(after), names(before))
  t.equal(after.get('understudy_generations_accepted_total'), generations + 2000)
  t.ok((after.get('understudy_generations_ended_total{outcome="completed"}') ?? 0) > 100)
  t.comment(`${names(after).length} series`)
})

function names(found: ReadonlyMap<string, number>): string[] {
  return [...found.keys()].filter((name) => name.startsWith('understudy_')).toSorted()
}
