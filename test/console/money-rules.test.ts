import * as fc from 'fast-check'
import t from 'tap'
import { budgetLevel, takenShare } from '../../src/console/src/rules/budget.ts'
import { largest, mixedCost } from '../../src/console/src/rules/mixed-cost.ts'
import {
  axisTicks,
  exactSum,
  labelEvery,
  labelled,
  roomOf,
  stackBars,
} from '../../src/console/src/rules/stacked-bars.ts'
import {
  fileAddress,
  groupsIn,
  paidCells,
  usageQuery,
  withGroup,
} from '../../src/console/src/rules/usage-rows.ts'
import { isDay, isMonth, monthsUntil, spanOf } from '../../src/console/src/rules/usage-span.ts'

const now = Date.UTC(2026, 10, 22, 12)

t.test('a span is whole days of UTC: a range, else a month, else this month', (t) => {
  for (const [asked, from, to, days, month] of [
    [{}, '2026-11-01', '2026-12-01', 30, '2026-11'],
    [{ month: '2026-02' }, '2026-02-01', '2026-03-01', 28, '2026-02'],
    [{ month: '2026-12' }, '2026-12-01', '2027-01-01', 31, '2026-12'],
    [{ month: '2026-13' }, '2026-11-01', '2026-12-01', 30, '2026-11'],
    [{ from: '2026-11-03', to: '2026-11-03' }, '2026-11-03', '2026-11-04', 1, null],
    [{ from: '2026-11-20' }, '2026-11-20', '2026-11-23', 3, null],
    [{ from: '2027-01-05' }, '2027-01-05', '2027-01-06', 1, null],
    [{ to: '2026-10-10' }, '2026-10-01', '2026-10-11', 10, null],
    [{ month: '2026-02', from: '2026-11-05', to: '2026-11-04' }, '2026-02-01', '2026-03-01', 28, '2026-02'],
    [{ from: '2026-02-30' }, '2026-11-01', '2026-12-01', 30, '2026-11'],
    [{ from: '2020-01-01', to: '2026-01-01' }, '2020-01-01', '2021-01-01', 366, null],
  ] as const) {
    const span = spanOf(asked, now)
    t.same(
      [span.from.slice(0, 10), span.to.slice(0, 10), span.days.length, span.month],
      [from, to, days, month],
      JSON.stringify(asked),
    )
    t.equal(span.days[0], from)
    t.match(span.from, /T00:00:00\.000Z$/)
  }
  t.same(monthsUntil(Date.UTC(2026, 1, 28), 3), ['2026-02', '2026-01', '2025-12'])
  t.same(['2026-1', '2026-00', '1969-12', undefined].filter(isMonth), [])
  t.same(['2026-11-31', '2026-11-5', '', undefined, '2026-11-30'].filter(isDay), ['2026-11-30'])
  t.end()
})

t.test('groups are read from the address, each once and three at most', (t) => {
  t.same(groupsIn(undefined), ['day', 'upstream'])
  t.same(groupsIn('key,prompt,key,day,model,kind'), ['key', 'day', 'model'])
  t.same(groupsIn('prompt'), ['day', 'upstream'])
  t.same(withGroup(['day', 'upstream'], 2, 'key'), ['day', 'upstream', 'key'])
  t.same(withGroup(['day', 'upstream'], 0, 'upstream'), ['upstream'], 'what moves leaves its place')
  t.same(withGroup(['day', 'upstream', 'key'], 1, null), ['day', 'key'])
  t.end()
})

t.test('the file has the filter of the page', (t) => {
  const query = usageQuery({
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    groups: ['day', 'key'],
    tenant: 'a b',
  })
  const address = new URL(fileAddress('/usage.csv', query), 'http://gateway.test')
  t.equal(address.pathname, '/usage.csv')
  t.same(Object.fromEntries(address.searchParams), {
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    group_by: 'day,key',
    tenant: 'a b',
  })
  t.notOk(fileAddress('/audit.csv', { key: undefined, action: 'key.created' }).includes('key='))
  t.end()
})

t.test('bars stack the largest series first, and name those that are too many together', (t) => {
  const cells = paidCells([
    { day: '1', upstream: 'small', cost_usd: 0.1 },
    { day: '1', upstream: 'large', cost_usd: 0.2 },
    { day: '2', upstream: 'large', cost_usd: 5 },
    { day: '2', upstream: 'tiny', cost_usd: 0.01 },
    { day: '2', upstream: 'least', cost_usd: 0.001 },
    { upstream: 'no day', cost_usd: 9 },
  ])
  const { series, columns, ticks } = stackBars(cells, ['1', '2', '3'], 2)
  t.same(series, [
    { name: 'large', total: 5.2 },
    { name: 'small', total: 0.1 },
    { name: null, total: 0.011 },
  ])
  t.same(columns, [
    {
      column: '1',
      total: 0.3,
      segments: [
        { series: 'large', value: 0.2, from: 0, to: 0.2 },
        { series: 'small', value: 0.1, from: 0.2, to: 0.3 },
      ],
    },
    {
      column: '2',
      total: 5.011,
      segments: [
        { series: 'large', value: 5, from: 0, to: 5 },
        { series: null, value: 0.011, from: 5, to: 5.011 },
      ],
    },
    { column: '3', total: 0, segments: [] },
  ])
  t.same(ticks, [0, 2, 4, 6])
  t.end()
})

t.test('no bar loses or gains a millionth, whatever is stacked', (t) => {
  const cell = fc.record({
    column: fc.constantFrom('1', '2', '3'),
    series: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'),
    value: fc.integer({ min: 0, max: 9_000_000 }).map((micros) => micros / 1e6),
  })
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
      const { series, columns, ticks } = stackBars(cells, ['1', '2', '3'], 4)
      t.ok(series.length <= 5)
      t.equal(exactSum(series.map(({ total }) => total)), exactSum(cells.map(({ value }) => value)))
      for (const { column, total, segments } of columns) {
        const own = cells.filter((each) => each.column === column)
        t.equal(total, exactSum(own.map(({ value }) => value)))
        t.equal(exactSum(segments.map(({ value }) => value)), total)
        for (const [index, { from, to }] of segments.entries()) {
          t.equal(from, segments[index - 1]?.to ?? 0)
          t.ok(to > from)
        }
        t.ok(total <= (ticks.at(-1) ?? 0), 'and none is higher than the axis')
      }
    }),
    { numRuns: 100 },
  )
  t.end()
})

t.test('an axis has two to five round ticks, evenly apart', (t) => {
  for (const [max, ticks] of [
    [0, [0, 1]],
    [1, [0, 0.5, 1]],
    [0.12, [0, 0.05, 0.1, 0.15]],
    [4, [0, 1, 2, 3, 4]],
    [99, [0, 50, 100]],
    [0.0005, [0, 0.0002, 0.0004, 0.0006]],
  ] as const)
    t.same(axisTicks(max), ticks, `${max}`)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (micros) => {
      const max = micros / 1e6
      const found = axisTicks(max)
      t.ok(found.length >= 2 && found.length <= 5, `${max}: ${found.join(' ')}`)
      t.ok((found.at(-1) ?? 0) >= max)
      t.ok((found.at(-2) ?? 0) < max)
    }),
    { numRuns: 200 },
  )
  t.end()
})

t.test('names below columns have room', (t) => {
  t.equal(roomOf(['Nov 1', 'Nov 28']), 57, 'as wide as the longest name')
  t.equal(roomOf(['11月28日']), 66, 'Chinese characters are wider')
  t.equal(roomOf([]), 12)
  t.equal(labelEvery(30, 1200, 40), 1)
  t.equal(labelEvery(30, 600, 40), 2)
  t.equal(labelEvery(366, 300, 40), 49)
  t.equal(labelEvery(0, 0, 40), 1)
  t.same([...labelled(30, 294, 57)], [0, 6, 12, 18, 24])
  t.same([...labelled(29, 294, 69)], [0, 7, 14, 21], 'a name that would be cut is left out')
  t.same([...labelled(1, 20, 57)], [0], 'but the first')
  t.same([...labelled(0, 0, 12)], [])
  t.end()
})

t.test('a budget is taken by what is paid and what is set aside', (t) => {
  for (const [limitUsd, paidUsd, reservedUsd, share, level] of [
    [100, 0, 0, 0, 'low'],
    [100, 50, 29.9, 0.799, 'low'],
    [100, 50, 30, 0.8, 'near'],
    [100, 100, 0, 1, 'full'],
    [100, 90, 40, 1, 'full'],
    [0, 0, 0, 1, 'full'],
  ] as const) {
    const budget = { limitUsd, paidUsd, reservedUsd }
    t.equal(takenShare(budget), share)
    t.equal(budgetLevel(budget), level)
  }
  t.end()
})

t.test('work that is divided costs its parts, and what nobody can take has no cost', (t) => {
  t.equal(
    mixedCost([
      { share: 0.25, usd: 100 },
      { share: 0.75, usd: 20 },
    ]),
    40,
  )
  t.equal(
    mixedCost([
      { share: 0, usd: null },
      { share: 1, usd: 20 },
    ]),
    20,
  )
  t.equal(
    mixedCost([
      { share: 0.1, usd: null },
      { share: 0.9, usd: 20 },
    ]),
    null,
  )
  t.equal(mixedCost([]), 0)
  t.equal(largest([1, null, 3]), 3)
  t.equal(largest([]), 0)
  t.end()
})
