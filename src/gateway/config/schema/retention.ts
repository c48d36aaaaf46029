import * as z from 'zod'
import type { Retention } from '../../domain/generation/retention.ts'

const dayMs = 24 * 3600_000

const daysKept = z.number().min(0.01).max(36_500).nullable().default(null)
/** A month's budget is made of its attempts, and notes of a month are written once. */
const monthsKept = z.number().min(32).max(36_500).nullable().default(null)

export const retentionSchema = z
  .strictObject({
    generations_days: daysKept,
    references_days: daysKept,
    events_days: daysKept,
    deliveries_days: daysKept,
    attempts_days: monthsKept,
    audit_days: monthsKept,
    exchanges_days: z.number().min(0.01).max(3650).default(7),
  })
  .prefault({})

export function retentionOf(days: z.output<typeof retentionSchema>): Retention {
  return {
    generations: milliseconds(days.generations_days),
    references: milliseconds(days.references_days),
    events: milliseconds(days.events_days),
    deliveries: milliseconds(days.deliveries_days),
    attempts: milliseconds(days.attempts_days),
    audit: milliseconds(days.audit_days),
    exchanges: days.exchanges_days * dayMs,
  }
}

function milliseconds(days: number | null): number | null {
  return days === null ? null : Math.round(days * dayMs)
}
