import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'
import { micros } from './case.ts'
import type { Case, Violation } from './case.ts'
import type { Client } from './client.ts'
import { sumsOf } from './ledger.ts'

/** The part of `GET /usage` that is read: the current month, which is longer than any run. */
const report = z.object({ totals: z.object({ cost_usd: z.number(), reserved_cost_usd: z.number() }) })

type Report = z.infer<typeof report>['totals'] | undefined

/** The current report of each key; absent if there was no response. */
export async function readUsage(client: Client): Promise<Map<string, Report>> {
  const reports = new Map<string, Report>()
  for (const key of ['studio', 'bank'] as const) {
    const { body } = await client.insist({ key: keys[key], path: '/usage' })
    reports.set(key, report.safeParse(body).data?.totals)
  }
  return reports
}

/**
 * Compares the usage report of each key with the sum over its attempts, including those of deleted generations, because
 * their cost was paid. Unknown attempts may be settled at any time, so the sum must lie between the reports before and
 * after it: settled cost only grows, and reserved cost only shrinks.
 */
export function checkUsage(
  before: Map<string, Report>,
  after: Map<string, Report>,
  cases: readonly Case[],
): Violation[] {
  return [...before].flatMap(([key, first]) => {
    const last = after.get(key)
    const due = sumsOf(cases.filter((each) => each.key === key))
    const agrees =
      first !== undefined &&
      last !== undefined &&
      isBetween(micros(first.cost_usd), due.settled, micros(last.cost_usd)) &&
      isBetween(micros(last.reserved_cost_usd), due.reserved, micros(first.reserved_cost_usd))
    if (agrees) return []
    const detail = `${key}: ${JSON.stringify([first, last])}, and its attempts sum up to ${JSON.stringify(due)} µ$`
    return [{ kind: 'usage report' as const, id: '', detail }]
  })
}

function isBetween(least: number, value: number, most: number): boolean {
  return least <= value && value <= most
}
