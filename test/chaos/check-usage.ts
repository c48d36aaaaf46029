import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'
import { micros } from './case.ts'
import type { Case, Violation } from './case.ts'
import type { Client } from './client.ts'
import { sumsOf } from './ledger.ts'

/** What is read of `GET /usage`: the present month, which no chaos outlasts. */
const report = z.object({ totals: z.object({ cost_usd: z.number(), reserved_cost_usd: z.number() }) })

type Report = z.infer<typeof report>['totals'] | undefined

/** The report of each key as it is now; absent where none came. */
export async function readUsage(client: Client): Promise<Map<string, Report>> {
  const reports = new Map<string, Report>()
  for (const key of ['studio', 'bank'] as const) {
    const { body } = await client.insist({ key: keys[key], path: '/usage' })
    reports.set(key, report.safeParse(body).data?.totals)
  }
  return reports
}

/**
 * The usage report of each key against the sum over its attempts, deleted generations included: what they cost was paid.
 * What was unknown may be settled at any moment, so that the sum lies between the reports from before and after it was read:
 * what is settled only grows, and what is reserved only shrinks.
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
