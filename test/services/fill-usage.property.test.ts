import * as fc from 'fast-check'
import t from 'tap'
import type { UsageDimension, UsageRow } from '../../src/gateway/ports/generations/usage-reports.ts'
import { fillUsage, noUsage } from '../../src/gateway/services/usage/fill-usage.ts'

const hour = 3600_000
const day = 24 * hour
const T0 = Date.UTC(2026, 10, 22)

function aRow(group: Partial<UsageRow>, attempts: number): UsageRow {
  return {
    tenant: null,
    key: null,
    upstream: null,
    kind: null,
    model: null,
    characters: null,
    day: null,
    hour: null,
    ...noUsage,
    attempts,
    generations: attempts,
    ...group,
  }
}

const limit = 10_000

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

t.test(
  'every hour or day of every group is a row once, and rows with attempts are as they were',
  async () => {
    fc.assert(
      fc.property(
        fc.constantFrom('hour' as const, 'day' as const),
        fc.boolean(),
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 71 }), fc.constantFrom('a', 'b', 'c')), {
          selector: ([at, key]) => `${at}${key}`,
          maxLength: 12,
        }),
        (step, timeFirst, starts) => {
          const stepMs = step === 'hour' ? hour : day
          const groupBy: UsageDimension[] = timeFirst ? [step, 'key'] : ['key', step]
          const start = (at: number) => Math.floor((T0 + at * hour) / stepMs) * stepMs
          const rows = [
            ...new Map(
              starts.map(([at, key]) => [`${start(at)}${key}`, aRow({ [step]: start(at), key }, 3)]),
            ).values(),
          ]
          const span = { from: T0 + 1, to: T0 + 3 * day, groupBy, limit }
          const filled = fillUsage(rows, span) ?? []
          const keys = [...new Set(rows.map(({ key }) => key ?? ''))].toSorted()
          const steps = Array.from({ length: (3 * day) / stepMs }, (_, nth) => T0 + nth * stepMs)
          const expected = timeFirst
            ? steps.flatMap((at) => keys.map((key) => [at, key]))
            : keys.flatMap((key) => steps.map((at) => [at, key]))
          return (
            same(
              filled.map((row) => [row[step], row.key]),
              expected,
            ) &&
            rows.every((row) => filled.includes(row)) &&
            filled.reduce((sum, { attempts }) => sum + attempts, 0) === rows.length * 3
          )
        },
      ),
    )
  },
)

t.test(
  'a report of nothing is filled if it is grouped by time alone, and has no unknown groups',
  async (t) => {
    const span = { from: T0, to: T0 + 2 * hour, groupBy: ['hour' as const], limit }
    t.same(
      fillUsage([], span)?.map(({ hour: at, day: of }) => [at, of]),
      [
        [T0, null],
        [T0 + hour, null],
      ],
    )
    t.same(fillUsage([], { ...span, groupBy: ['key', 'hour'] }), [])
    t.same(
      fillUsage([], { ...span, groupBy: ['day', 'hour'] })?.map(({ hour: at, day: of }) => [at, of]),
      [
        [T0, T0],
        [T0 + hour, T0],
      ],
    )
  },
)

t.test('rows that are not grouped by time stay, and more rows than the limit are none', async (t) => {
  const row = aRow({ key: 'a' }, 3)
  const span = { from: T0, to: T0 + 400 * day, groupBy: ['key' as const], limit: 100 }
  t.same(fillUsage([row], span), [row])
  t.equal(fillUsage([aRow({ key: 'a', day: T0 }, 3)], { ...span, groupBy: ['key', 'day'] }), null)
})
