import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'
import { micros } from './case.ts'
import type { Case, Violation } from './case.ts'
import type { Client } from './client.ts'
import { sumsOf } from './ledger.ts'

/** What is read of `GET /usage`: the present month, which no chaos outlasts. */
const report = z.object({ totals: z.object({ cost_usd: z.number(), reserved_cost_usd: z.number() }) })

/**
 * The usage report of each key against the sum over its attempts, deleted generations included: what they cost was paid.
 */
export async function checkUsage(client: Client, cases: readonly Case[]): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const key of ['studio', 'bank'] as const) {
    const { status, body } = await client.insist({ key: keys[key], path: '/usage' })
    const due = sumsOf(cases.filter((each) => each.key === key))
    const told = report.safeParse(body).data?.totals
    const agrees =
      told !== undefined &&
      micros(told.cost_usd) === due.settled &&
      micros(told.reserved_cost_usd) === due.reserved
    if (agrees) continue
    const detail = `${key}: ${status} ${JSON.stringify(body)}, and its attempts sum up to ${JSON.stringify(due)} µ$`
    violations.push({ kind: 'usage report', id: '', detail })
  }
  return violations
}
