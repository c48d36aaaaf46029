import * as fc from 'fast-check'
import t from 'tap'
import { attentionLines, fullBudgets, lineKinds } from '../../src/console/src/rules/attention-lines.ts'
import type { DeskFigures } from '../../src/console/src/rules/attention-lines.ts'
import {
  daySeries,
  exclusionsOf,
  failuresByCode,
  largestOf,
  sumOf,
} from '../../src/console/src/rules/day-series.ts'
import { untilOf } from '../../src/console/src/rules/pause-ends.ts'
import { readinessOf, troubleOf } from '../../src/console/src/rules/readiness.ts'
import { barsOf, roundTop, sparkPath } from '../../src/console/src/rules/spark.ts'
import {
  byUrgency,
  isSick,
  nextTryAt,
  overallPause,
  slotsOf,
  upstreamState,
} from '../../src/console/src/rules/upstream-state.ts'
import type { Breaker, UpstreamFacts } from '../../src/console/src/rules/upstream-state.ts'

const closed: Breaker = { state: 'closed', retry_at: null }
const open: Breaker = { state: 'open', retry_at: '2026-11-27T14:05:30.000Z' }
const well: UpstreamFacts = {
  enabled: true,
  pause: null,
  breakers: { create: closed, poll: closed, fetch: closed, character: closed },
  outages: [],
  models: ['sora-2'],
  health: { free_slots: 4 },
  spend: { cap_usd: null, left_usd: null },
}
const named = (id: string, facts: UpstreamFacts) => ({ ...facts, id })

const row = (name: string, budget: number | null, spent: number, reserved = 0) => ({
  name,
  monthly_budget_usd: budget,
  spent_this_month_usd: spent,
  reserved_this_month_usd: reserved,
})

const route = (...excluded: Array<[string, string]>) => ({
  route: { excluded: excluded.map(([upstream, code]) => ({ upstream, code })) },
})

const failing = { ...well, breakers: { ...well.breakers, create: open } }

t.test('an upstream has one state, the most pressing one', async (t) => {
  const cases: Array<[state: string, change: Partial<UpstreamFacts>]> = [
    ['ready', {}],
    ['ready', { health: { free_slots: null }, spend: null }],
    ['ready', { spend: { cap_usd: 10, left_usd: 1 } }],
    ['full', { health: { free_slots: 0 } }],
    ['over_cap', { health: { free_slots: 0 }, spend: { cap_usd: 10, left_usd: 0 } }],
    ['hindered', { breakers: { ...well.breakers, poll: open } }],
    ['outage', { outages: [{}], breakers: { ...well.breakers, poll: open } }],
    ['trying', { outages: [{}], breakers: { ...well.breakers, create: { ...open, state: 'half_open' } } }],
    ['failing', { outages: [{}], breakers: { ...well.breakers, create: open } }],
    ['paused', { pause: { upstream: 'reseller' }, breakers: { ...well.breakers, create: open } }],
    ['disabled', { enabled: false, pause: { upstream: null } }],
  ]
  for (const [state, change] of cases) t.equal(upstreamState({ ...well, ...change }), state, state)
})

t.test('what is ready, full or switched off needs nobody', async (t) => {
  t.notOk(isSick(well))
  t.notOk(isSick({ ...well, health: { free_slots: 0 } }))
  t.notOk(isSick({ ...well, enabled: false, breakers: failing.breakers }))
  t.ok(isSick(failing))
  t.ok(isSick({ ...well, pause: { upstream: 'reseller' } }))
})

t.test(
  'an upstream that fails comes before one that somebody paused, and order within a state stays',
  async (t) => {
    const paused = { ...well, pause: { upstream: 'b' } }
    const sorted = byUrgency([named('a', well), named('b', paused), named('c', failing), named('d', well)])
    t.same(
      sorted.map(({ id }) => id),
      ['c', 'b', 'a', 'd'],
    )
  },
)

t.test('the next try is that of the first breaker that is not closed', async (t) => {
  t.equal(nextTryAt(well.breakers), null)
  const soon: Breaker = { state: 'open', retry_at: '2026-11-27T14:05:00.000Z' }
  t.equal(nextTryAt({ ...well.breakers, create: open, poll: soon }), soon.retry_at)
})

t.test('a pause of everything is told from one of a single upstream', async (t) => {
  const own: { upstream: string | null } = { upstream: 'a' }
  const all: { upstream: string | null } = { upstream: null }
  t.equal(overallPause([{ pause: null }, { pause: own }]), null)
  t.equal(overallPause([{ pause: own }, { pause: all }]), all)
})

t.test('slots are counted where they are limited', async (t) => {
  t.same(slotsOf({ free_slots: 41, max_in_flight: 50 }), { used: 9, limit: 50 })
  t.same(slotsOf({ free_slots: 5, max_in_flight: 4 }), { used: 0, limit: 4 }, 'the limit was lowered')
  t.equal(slotsOf({ free_slots: null, max_in_flight: null }), null)
})

const uncertain = fc.option(
  fc.record({
    attempts: fc.nat(3),
    reserved_cost_usd: fc.constant(0.12),
    oldest: fc.constant(null),
  }),
)
const figures: fc.Arbitrary<DeskFigures<string, string>> = fc.record({
  unknown: uncertain,
  overdue: uncertain,
  unusedTodayUsd: fc.option(fc.constantFrom(0, 0.24)),
  sick: fc.option(fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 })),
  webhooks: fc.option(fc.record({ failing: fc.nat(2), hasMore: fc.constant(false) })),
  budgets: fc.option(fc.array(fc.constant('team'), { maxLength: 2 })),
})

t.test('lines are in the order of urgency, and nothing that is zero or unknown has one', async (t) => {
  fc.assert(
    fc.property(figures, (given) => {
      const lines = attentionLines(given)
      const ranks = lines.map(({ kind }) => lineKinds.indexOf(kind))
      t.same(
        ranks,
        ranks.toSorted((one, other) => one - other),
      )
      const expected =
        Number((given.unknown?.attempts ?? 0) > 0) +
        Number((given.overdue?.attempts ?? 0) > 0) +
        Number((given.unusedTodayUsd ?? 0) > 0) +
        (given.sick?.length ?? 0) +
        Number((given.webhooks?.failing ?? 0) > 0) +
        (given.budgets?.length ?? 0)
      t.equal(lines.length, expected)
    }),
    { numRuns: 200, seed: 19 },
  )
})

t.test('budgets count when more than 80 % are spent or reserved, the fullest first', async (t) => {
  const found = fullBudgets([
    row('no limit', null, 900),
    row('at 80 %', 100, 80),
    row('reserved', 100, 70, 11),
    row('spent', 100, 120),
    row('nothing allowed, nothing spent', 0, 0),
    row('nothing allowed', 0, 0.5),
  ])
  t.same(
    found.map(({ name, share }) => [name, share]),
    [
      ['spent', 1.2],
      ['nothing allowed', 1],
      ['reserved', 0.81],
    ],
  )
})

t.test('a spark line goes from edge to edge, with gaps where nothing was measured', async (t) => {
  const box = { width: 10, height: 10, max: 4 }
  t.equal(sparkPath([0, 4, 2], box), 'M1 9L5 1L9 5')
  t.equal(sparkPath([0, null, 4, 4], box), 'M1 9h2M6.33 1L9 1')
  t.equal(sparkPath([null, null], box), '')
  t.equal(sparkPath([], box), '')
  t.equal(sparkPath([7], box), 'M1 1h2', 'never above the top')
})

const values = fc.array(
  fc.option(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true }))),
  { maxLength: 24 },
)

t.test('bars stay in their box, and what is not zero is seen', async (t) => {
  fc.assert(
    fc.property(values, (each) => {
      const max = roundTop(each)
      const bars = barsOf(each, { width: 240, height: 48, max })
      t.equal(bars.length, each.length)
      for (const [index, { x, y, width, height }] of bars.entries()) {
        t.ok(x >= 0 && x + width <= 240.01 && y >= 0 && y + height <= 48.01)
        t.equal(height > 0, (each[index] ?? 0) > 0)
      }
    }),
    { numRuns: 100, seed: 19 },
  )
})

t.test('the top of an axis is round and not below any value', async (t) => {
  const tops: Array<[number[], number]> = [
    [[], 1],
    [[0], 1],
    [[1], 1],
    [[3, 1], 5],
    [[12], 20],
    [[0.3], 0.5],
    [[501], 1000],
  ]
  for (const [given, top] of tops) t.ok(Math.abs(roundTop(given) - top) < 1e-9, `${given.join()} → ${top}`)
})

t.test('a series has one point per step, and failures are summed by code', async (t) => {
  const nothing = { p50: null, p95: null }
  const rows = [
    {
      at: '2026-11-27T13:00:00.000Z',
      accepted: 5,
      creates: 4,
      succeeded: 3,
      failed: 1,
      failures: { overloaded: 1 },
      render_seconds: { p50: 80, p95: 190 },
    },
    {
      at: '2026-11-27T14:00:00.000Z',
      accepted: 0,
      creates: 0,
      succeeded: 0,
      failed: 3,
      failures: { refused: 2, overloaded: 1 },
      render_seconds: nothing,
    },
    {
      at: '2026-11-27T15:00:00.000Z',
      creates: 2,
      succeeded: 0,
      failed: 0,
      failures: {},
      render_seconds: nothing,
    },
  ]
  const series = daySeries(rows)
  t.same(series.begun, [5, 0, 2], 'creates where requests are not counted')
  t.same(series.successShare, [0.75, 0, null])
  t.same(series.p95Seconds, [190, null, null])
  t.equal(sumOf(series.failed), 4)
  t.equal(largestOf(series.p95Seconds), 190)
  t.equal(largestOf([null]), null)
  t.same(failuresByCode(rows), [
    { code: 'overloaded', n: 2 },
    { code: 'refused', n: 2 },
  ])
})

t.test('what excludes an upstream is counted over the routes of generations', async (t) => {
  const found = exclusionsOf(
    [
      route(['a', 'paused'], ['b', 'disabled']),
      route(['a', 'breaker_open']),
      route(['a', 'paused']),
      { route: null },
    ],
    'a',
  )
  t.same(found, [
    { code: 'paused', n: 2 },
    { code: 'breaker_open', n: 1 },
  ])
})

t.test('what keeps the gateway from being ready is told from what only holds its work', async (t) => {
  const body = {
    status: 'not_ready',
    checks: [
      { name: 'storage', ok: true, detail: null },
      { name: 'media', ok: false, detail: 'The archive is not writable.' },
      { name: 'restore', ok: true, detail: 'Restored: nothing is sent.' },
    ],
  }
  const { failing, restore } = troubleOf(readinessOf(body) ?? [])
  t.same(
    failing.map(({ name }) => name),
    ['media'],
  )
  t.equal(restore?.detail, 'Restored: nothing is sent.')
  t.same(troubleOf([]), { failing: [], restore: null })
  for (const other of [null, 'down', {}, { checks: 'none' }]) t.equal(readinessOf(other), null)
})

t.test('a pause ends when somebody resumes, or so long from now', async (t) => {
  const now = Date.parse('2026-11-27T12:00:00.000Z')
  t.equal(untilOf('resumed', now), null)
  t.equal(untilOf('15m', now), '2026-11-27T12:15:00.000Z')
  t.equal(untilOf('24h', now), '2026-11-28T12:00:00.000Z')
})
