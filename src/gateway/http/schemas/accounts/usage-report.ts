import { z } from 'zod'
import { usageDimensions } from '../../../ports/generations/usage-reports.ts'
import type { UsageFigures, UsageRow } from '../../../ports/generations/usage-reports.ts'
import type { UsageReport } from '../../../services/usage/usage.ts'
import { csvLine } from '../../answers/csv.ts'
import type { Cell } from '../../answers/csv.ts'
import { exampleCharacterId, shownKind, timestamp, toTimestamp, toUsd, usd } from '../fields.ts'

export const usageDimension = z.enum(usageDimensions)

const figures = {
  attempts: z.int(),
  generations: z.int().meta({
    description:
      'Generations with an attempt in this row. A generation that used two upstreams counts in both rows.',
  }),
  videos: z.int().meta({ description: 'Videos delivered to the caller.' }),
  cost_usd: usd.meta({ description: 'The cost of settled attempts.' }),
  reserved_cost_usd: usd.meta({
    description: 'The highest possible cost of attempts that are not settled. Not included in `cost_usd`.',
  }),
  unknown_cost_usd: usd.meta({
    description:
      'The part of `reserved_cost_usd` for jobs whose outcome is unknown. They may have been charged.',
  }),
  unused_cost_usd: usd.meta({
    description: 'The part of `cost_usd` for attempts that delivered no video.',
  }),
  premium_usd: usd.meta({
    description: 'The part of `cost_usd` above the price of the cheapest candidate of each plan.',
  }),
  official_cost_usd: usd.meta({
    description:
      'What the delivered videos would have cost on official upstreams, or on the most expensive kind where no official upstream was suitable.',
  }),
  saving_usd: z
    .number()
    .meta({ description: '`official_cost_usd` minus `cost_usd`. Negative means a loss.' }),
  vendor_cost_attempts: z
    .int()
    .meta({ description: 'Settled attempts whose cost was reported by the upstream.' }),
  vendor_cost_usd: usd.nullable().meta({
    description: 'The cost of `vendor_cost_attempts` as reported by upstreams. Null if none was reported.',
  }),
  vendor_difference_usd: z.number().nullable().meta({
    description:
      '`vendor_cost_usd` minus the cost of the same attempts by the configured prices. Positive means that upstreams charge more than these.',
  }),
}

const UsageTotals = z.object(figures).meta({ id: 'UsageTotals', description: 'Totals over all rows.' })

const group = {
  tenant: z.string().optional(),
  key: z.string().optional(),
  upstream: z.string().optional(),
  kind: shownKind.optional(),
  model: z.string().optional(),
  characters: z
    .array(z.object({ id: z.string(), name: z.string() }))
    .optional()
    .meta({
      description: 'The characters that were used together, by their names at that time. Empty if none.',
    }),
  day: z.iso.date().optional(),
  hour: timestamp.optional().meta({ description: 'The start of the hour.' }),
}

const UsageRowDto = z
  .object({ ...group, ...figures })
  .meta({ id: 'UsageRow', description: 'One group, identified by the fields given in `group_by`.' })

const exampleFigures = {
  attempts: 541,
  generations: 510,
  videos: 498,
  cost_usd: 84,
  reserved_cost_usd: 1.32,
  unknown_cost_usd: 0.12,
  unused_cost_usd: 0.24,
  premium_usd: 24,
  official_cost_usd: 498,
  saving_usd: 414,
  vendor_cost_attempts: 20,
  vendor_cost_usd: 2.6,
  vendor_difference_usd: 0.2,
}

export const UsageDto = z
  .object({
    object: z.literal('usage'),
    tenant: z.string().nullable().meta({ description: 'Null means all tenants.' }),
    from: timestamp,
    to: timestamp,
    group_by: z.array(usageDimension),
    data: z.array(UsageRowDto),
    totals: UsageTotals,
  })
  .meta({
    id: 'Usage',
    description: 'The cost of attempts that started in this period, including those of removed generations.',
    examples: [
      {
        object: 'usage',
        tenant: 'studio',
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-12-01T00:00:00.000Z',
        group_by: ['character', 'day'],
        data: [
          {
            characters: [{ id: exampleCharacterId, name: 'coffee_girl' }],
            day: '2026-11-22',
            ...exampleFigures,
          },
        ],
        totals: exampleFigures,
      },
    ],
  })

export type UsageDto = z.output<typeof UsageDto>
type FiguresDto = z.output<typeof UsageTotals>
type GroupDto = Omit<z.output<typeof UsageRowDto>, keyof FiguresDto>

function toFigures(sums: UsageFigures): FiguresDto {
  return {
    attempts: sums.attempts,
    generations: sums.generations,
    videos: sums.videos,
    cost_usd: toUsd(sums.costMicros),
    reserved_cost_usd: toUsd(sums.reservedMicros),
    unknown_cost_usd: toUsd(sums.unknownMicros),
    unused_cost_usd: toUsd(sums.unusedMicros),
    premium_usd: toUsd(sums.premiumMicros),
    official_cost_usd: toUsd(sums.officialMicros),
    saving_usd: toUsd(sums.officialMicros - sums.costMicros),
    ...toVendorFigures(sums),
  }
}

function toVendorFigures({ vendorAttempts, vendorMicros, vendorComputedMicros }: UsageFigures) {
  const isSaid = vendorAttempts > 0
  return {
    vendor_cost_attempts: vendorAttempts,
    vendor_cost_usd: isSaid ? toUsd(vendorMicros) : null,
    vendor_difference_usd: isSaid ? toUsd(vendorMicros - vendorComputedMicros) : null,
  }
}

function toGroup({ tenant, key, upstream, kind: kindOf, model, characters, day, hour }: UsageRow): GroupDto {
  return {
    ...(tenant !== null && { tenant }),
    ...(key !== null && { key }),
    ...(upstream !== null && { upstream }),
    ...(kindOf !== null && { kind: kindOf }),
    ...(model !== null && { model }),
    ...(characters !== null && { characters }),
    ...(day !== null && { day: dayOf(day) }),
    ...(hour !== null && { hour: toTimestamp(hour) }),
  }
}

function dayOf(ms: number): string {
  return toTimestamp(ms).slice(0, 10)
}

export function toUsageDto({ tenant, from, to, groupBy, rows, totals }: UsageReport): UsageDto {
  return {
    object: 'usage',
    tenant,
    from: toTimestamp(from),
    to: toTimestamp(to),
    group_by: [...groupBy],
    data: rows.map((row) => ({ ...toGroup(row), ...toFigures(row) })),
    totals: toFigures(totals),
  }
}

/** The rows without the totals, so that a column can be summed. Characters that appear together share a cell. */
export function toUsageCsv({ groupBy, rows }: UsageReport): string {
  const columns = Object.keys(figures)
  const head = csvLine([...groupBy, ...columns])
  return rows.reduce((text, row) => {
    const sums: Record<string, Cell> = toFigures(row)
    return (
      text +
      csvLine([...groupBy.map((name) => groupCell(row, name)), ...columns.map((name) => sums[name] ?? null)])
    )
  }, head)
}

function groupCell(row: UsageRow, dimension: z.output<typeof usageDimension>): Cell {
  if (dimension === 'character') return row.characters?.map(({ name }) => name).join(' ') ?? null
  if (dimension === 'day') return row.day === null ? null : dayOf(row.day)
  if (dimension === 'hour') return row.hour === null ? null : toTimestamp(row.hour)
  return row[dimension]
}
