import t from 'tap'
import {
  estimatedStart,
  startWarning,
  waitingOf,
} from '../../src/gateway/domain/scheduling/estimated-start.ts'
import type { Queue, Waiting } from '../../src/gateway/domain/scheduling/estimated-start.ts'
import { startCapacityOf } from '../../src/gateway/domain/scheduling/start-capacity.ts'
import type { UpstreamView } from '../../src/gateway/domain/routing/upstream.ts'
import { aGeneration, anAttempt, aView, open, SECOND, T0 } from './builders.ts'

const minute = 60 * SECOND
const own: Waiting = { id: 'm', upstreams: ['a', 'b'], hasSlot: false }
const none: Queue = { waiting: [], weight: 1 }

function before(count: number, upstreams = ['a', 'b'], hasSlot = false): Waiting[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `b${String(at).padStart(5, '0')}`,
    upstreams,
    hasSlot,
  }))
}

/** Seconds until the start; null where it is not known. */
function startsIn(views: UpstreamView[], queue: Queue = none, who: Waiting = own): number | null {
  const capacities = views.map((view) => startCapacityOf(view, T0))
  const start = estimatedStart(who, queue, capacities, T0)
  return start === null ? null : Math.round((start - T0) / SECOND)
}

const queueOf = (...waiting: Waiting[]): Queue => ({ waiting, weight: 1 })

/** Ten slots, none free, and a job takes 100 s: one becomes free every 10 s. */
const full = (id: string) => aView({ id, maxInFlight: 10 }, { freeSlots: 0, latencyMs: 100 * SECOND })

const cases: Array<[string, number | null, UpstreamView[], Queue?, Waiting?]> = [
  ['no limit', 0, [aView({ id: 'a' })]],
  ['no limit, whatever waits', 0, [aView({ id: 'a' })], queueOf(...before(1000))],
  ['a free slot', 0, [aView({ id: 'a', maxInFlight: 1 }, { freeSlots: 1 })]],
  ['the next slot', 10, [full('a')]],
  ['five before it', 60, [full('a')], queueOf(...before(5))],
  ['two upstreams share the queue', 30, [full('a'), full('b')], queueOf(...before(5))],
  ['each stands for a hundred', 5010, [full('a')], { waiting: before(5), weight: 100 }],
  ['what came later does not count', 10, [full('a')], queueOf({ ...own, id: 'z' })],
  ['nor does what waits elsewhere', 10, [full('a')], queueOf(...before(5, ['c']))],
  ['what could go elsewhere counts in part', 35, [full('a'), full('c')], queueOf(...before(5, ['a', 'c']))],
  ['no job has ended yet', null, [aView({ id: 'a', maxInFlight: 1 }, { freeSlots: 0 })]],
  ['creates per minute', 10, [aView({ id: 'a', createsPerMinute: 6 })], queueOf(...before(1))],
  [
    'those with a slot leave before',
    60,
    [aView({ id: 'a', createsPerMinute: 6 })],
    queueOf(...before(6, ['a'], true)),
  ],
  [
    'with a slot it waits for creates alone',
    20,
    [aView({ id: 'a', createsPerMinute: 6, maxInFlight: 1 }, { freeSlots: 0 })],
    queueOf(...before(2, ['a'], true), ...before(50)),
    { id: 'm', upstreams: ['a'], hasSlot: true },
  ],
  [
    'the narrower limit',
    60,
    [aView({ id: 'a', createsPerMinute: 1, maxInFlight: 100 }, { freeSlots: 50 })],
    queueOf(...before(1)),
  ],
  ['an open breaker', 30, [aView({ id: 'a' }, { breakers: { create: open(T0 + 30 * SECOND) } })]],
  ['disabled', null, [aView({ id: 'a' }, { enabled: false })]],
  ['removed', null, []],
  ['paused without an end', null, [aView({ id: 'a' }, { pause: pauseUntil(null) })]],
  ['paused for a minute', 60, [aView({ id: 'a' }, { pause: pauseUntil(T0 + minute) })]],
  ['one paused, the other full', 10, [aView({ id: 'a' }, { pause: pauseUntil(null) }), full('b')]],
  ['longer than a month', null, [full('a')], { waiting: before(1), weight: 1_000_000 }],
]

function pauseUntil(until: number | null) {
  return { target: 'a', reason: 'a check', since: T0, until, by: 'operator' }
}

t.test('a start is expected once the upstreams could take everything before it', async (t) => {
  for (const [name, expected, views, queue, who] of cases)
    t.equal(startsIn(views, queue, who), expected, name)
})

t.test('an upstream that has spent its cap takes more on the next day', async (t) => {
  const dayStart = Date.UTC(2026, 0, 15)
  const spend = { dayStart, spentMicros: 900, reservedMicros: 100 }
  const view = aView({ id: 'a', spendMicrosPerDay: 1000 }, { spend })
  t.equal(startCapacityOf(view, dayStart + minute).from, dayStart + 86_400_000)
})

t.test('only what was not sent yet waits', async (t) => {
  const generation = aGeneration()
  t.strictSame(waitingOf(generation), { id: generation.id, upstreams: ['a', 'b', 'c'], hasSlot: false })
  const status = 'in_progress' as const
  const binding = anAttempt({ state: 'binding', upstream: 'b' })
  t.match(waitingOf(aGeneration({}, { status, attempts: [binding] })), { upstreams: ['b'], hasSlot: true })
  t.equal(waitingOf(aGeneration({}, { status, attempts: [anAttempt()] })), null)
  t.equal(waitingOf(aGeneration({}, { status: 'cancelled' })), null)
})

t.test('a start after the deadline is a warning', async (t) => {
  const generation = aGeneration({}, { deadlineAt: T0 + minute })
  t.strictSame(startWarning(generation, null), [])
  t.strictSame(startWarning(generation, T0 + minute), [])
  t.match(startWarning(generation, T0 + minute + 1), [{ code: 'start_after_deadline' }])
})
