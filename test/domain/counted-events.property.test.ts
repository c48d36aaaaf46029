import t from 'tap'
import { samplesOf } from '../../src/gateway/domain/observability/counted-events.ts'
import type { MetricName } from '../../src/gateway/domain/observability/metric-catalogue.ts'
import type { Attempt, Generation } from '../../src/gateway/domain/generation/generation.ts'
import { check, whateverHappens } from './lifecycle-histories.ts'
import type { Seen } from './lifecycle-play.ts'

/** What was counted of each generation until now. */
function createCounts() {
  const counts = new Map<string, number>()
  let current: Generation | null = null
  let isCorrected = false
  return {
    add({ before, after, entries }: Seen): void {
      // Another play begins.
      if (before !== current) {
        counts.clear()
        isCorrected = false
      }
      current = after
      isCorrected ||= entries.some(
        ({ type, data }) =>
          type === 'attempt.resolved' &&
          before.attempts.some((each) => each.id === data['attempt'] && isEnded(each)),
      )
      for (const entry of entries)
        for (const { name, value } of samplesOf(after, entry))
          counts.set(name, (counts.get(name) ?? 0) + value)
    },
    of: (name: MetricName) => counts.get(name) ?? 0,
    /** Whether a person has corrected a cost by the bill: a counter may only grow, so it keeps the first amount. */
    areCorrected: () => isCorrected,
  }
}

const isEnded = ({ state }: Attempt) => state === 'succeeded' || state === 'failed'
const isCharged = ({ resolution }: Attempt) => resolution?.contradiction?.wasCharged === true

function usdOf(attempts: readonly Attempt[]): number {
  return attempts.reduce((sum, { costMicros }) => sum + costMicros, 0) / 1e6
}

function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) < 1e-9
}

t.test(
  'until a person corrects it by the bill, the settled cost is that of the attempts that ended, each counted once',
  async () => {
    const counts = createCounts()
    whateverHappens((seen) => {
      counts.add(seen)
      if (counts.areCorrected()) return
      const settled = seen.after.attempts.filter(
        (attempt) => attempt.costState === 'settled' && (isEnded(attempt) || isCharged(attempt)),
      )
      check(isNear(counts.of('understudy_settled_cost_usd_total'), usdOf(settled)), 'another settled cost')
      const unused = settled.filter((attempt) => !attempt.delivered || isCharged(attempt))
      check(
        isNear(counts.of('understudy_paid_without_video_usd_total'), usdOf(unused)),
        'another unused cost',
      )
    })
  },
)

t.test(
  'whatever happens, a generation ends once, and once more after somebody has accepted two bills',
  async () => {
    const counts = createCounts()
    let reopened = 0
    whateverHappens((seen) => {
      if (seen.before.attempts.length === 0) reopened = 0
      counts.add(seen)
      if (seen.before.status === 'failed' && seen.after.status === 'in_progress') reopened += 1
      const isOpen = seen.after.status === 'queued' || seen.after.status === 'in_progress'
      check(
        counts.of('understudy_generations_ended_total') === reopened + (isOpen ? 0 : 1),
        'another number of ends',
      )
    })
  },
)
