import t from 'tap'
import type { Case } from '../case.ts'
import type { ShownEvent } from '../shown.ts'
import { countLimits, isExceeded, mostAtOnce, mostWithin } from './limits.ts'
import type { FleetLimits } from './limits.ts'

const limits: FleetLimits = {
  inFlight: { upstream: 'own-gpu', most: 2 },
  creates: { upstream: 'official', perMinute: 60 },
  polls: { upstream: 'official', perSecond: 5 },
  budget: { key: 'bank', usd: 1 },
}
const began = Date.parse('2026-11-28T10:00:00Z')

/** A generation with one job that ran for a while. */
function ran(
  from: number,
  until: number | null,
  events: Array<[type: string, at: number]> = [],
  costUsd = 0.4,
): Case {
  const id = `video_${from}`
  return {
    generation: {
      id: 'gen_1',
      status: 'completed',
      prompt: 'walks tk1',
      attempts: [
        {
          id: 'att_1',
          upstream: 'own-gpu',
          kind: 'self_hosted',
          state: 'succeeded',
          upstream_id: id,
          fidelity: null,
          started_at: new Date(began).toISOString(),
          failure: null,
          cost_usd: costUsd,
          cost_state: 'settled',
        },
      ],
      cost_usd: costUsd,
      reserved_cost_usd: 0,
      warnings: [],
      video: null,
      error: null,
      created_at: new Date(began).toISOString(),
    },
    key: 'bank',
    asked: undefined,
    events: events.map(([type, at], index): ShownEvent => ({
      seq: index + 1,
      type,
      at: new Date(began + at).toISOString(),
      attempt: 'att_1',
    })),
    renders: [
      {
        id,
        upstream: 'own-gpu',
        model: 'sora-2',
        prompt: 'walks tk1',
        seconds: 4,
        size: '320x240',
        characters: [],
        reference: null,
        extras: {},
        influenceStrength: null,
        state: 'completed',
        progress: 100,
        failure: null,
        billedUsd: costUsd,
        createdAt: began + from,
        endedAt: until === null ? null : began + until,
      },
    ],
    isDeleted: false,
  }
}

const exceeded = (cases: Case[], calls: number[] = [], operation: 'create' | 'poll' = 'create'): string[] =>
  countLimits(limits, {
    cases,
    until: Infinity,
    calls: calls.map((at) => ({ upstream: 'official', operation, at: began + at })),
  })
    .filter(isExceeded)
    .map(({ limit }) => limit)

t.test('windows slide, and intervals that touch do not overlap', async (t) => {
  t.equal(mostWithin([], 10), 0)
  t.equal(mostWithin([0, 9, 11, 18, 19], 10), 4)
  t.equal(mostAtOnce([]), 0)
  t.equal(
    mostAtOnce([
      [0, 5],
      [5, 10],
      [4, 6],
    ]),
    2,
  )
})

t.test('one job more at once than the limit is found', async (t) => {
  t.same(exceeded([ran(0, 10, [], 0.1), ran(5, 20, [], 0.1), ran(10, 20, [], 0.1)]), [])
  t.same(exceeded([ran(0, 11, [], 0.1), ran(5, 20, [], 0.1), ran(10, 20, [], 0.1)]), [
    'jobs at once of own-gpu',
  ])
})

t.test('a job that the gateway gave up holds no slot from then on', async (t) => {
  const others = [ran(5, 20, [], 0.1), ran(10, 20, [], 0.1)]
  t.same(exceeded([ran(0, null, [['attempt.progress', 2]], 0.1), ...others]), ['jobs at once of own-gpu'])
  t.same(exceeded([ran(0, null, [['attempt.failed', 9]], 0.1), ...others]), [])
})

const every = (ms: number, count: number) => Array.from({ length: count }, (_, index) => index * ms)

t.test('creates and polls above the pace are found in windows of each length', async (t) => {
  t.same(exceeded([], every(1000, 120)), [])
  t.same(exceeded([], every(900, 120)), ['creates of official within 60 s'])
  t.same(exceeded([], every(0, 5)), ['creates of official within 1 s'])
  t.same(exceeded([], every(200, 600), 'poll'), [])
  t.same(exceeded([], every(160, 600), 'poll'), ['polls of official within 60 s'])
})

t.test(
  'a budget that was exceeded by one cent is found, by what is told and by what is billed',
  async (t) => {
    t.same(exceeded([ran(0, 5), ran(10, 15), ran(20, 25, [], 0.2)]), [])
    t.same(exceeded([ran(0, 5), ran(10, 15), ran(20, 25, [], 0.21)]), [
      'budget of bank: settled and reserved, $',
      'budget of bank: billed, $',
    ])
  },
)
