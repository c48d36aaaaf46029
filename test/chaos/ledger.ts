import type { Simulator } from '../../src/simulator/simulator.ts'
import { micros, orphansOf } from './case.ts'
import type { Case, Violation } from './case.ts'

/** What generations cost by their attempts, in micro-dollars. */
export interface Sums {
  settled: number
  reserved: number
}

export interface Ledger {
  settledUsd: number
  reservedUsd: number
  billedUsd: number
  /** Over all attempts: settled cost minus what the vendor billed for the same job. */
  differenceUsd: number
  /** The part of these sums that belongs to deleted generations. */
  deletedUsd: { settled: number; reserved: number }
  /** Attempts with an unknown outcome at the end, and how many of them the vendor rendered. */
  unknown: { attempts: number; rendered: number }
}

export function sumsOf(cases: readonly Case[]): Sums {
  const sums = { settled: 0, reserved: 0 }
  for (const { generation } of cases) {
    for (const { cost_state: state, cost_usd: usd } of generation.attempts) sums[state] += micros(usd)
  }
  return sums
}

/**
 * Deleted generations count as they were when they were deleted, because the vendors billed them. The bill lies between
 * the settled cost, and that plus the reserved cost.
 */
export function ledgerOf(cases: readonly Case[], simulator: Simulator): Ledger {
  const { settled, reserved } = sumsOf(cases)
  const gone = sumsOf(cases.filter(({ isDeleted }) => isDeleted))
  const attempts = cases.flatMap(({ generation }) => generation.attempts)
  return {
    settledUsd: settled / 1e6,
    reservedUsd: reserved / 1e6,
    billedUsd: simulator.control.bill().totalUsd,
    differenceUsd: cases.reduce((sum, each) => sum + differenceOf(each), 0) / 1e6,
    deletedUsd: { settled: gone.settled / 1e6, reserved: gone.reserved / 1e6 },
    unknown: {
      attempts: attempts.filter(({ state }) => state === 'unknown').length,
      rendered: cases.flatMap(({ generation, renders }) => orphansOf(generation, renders)).length,
    },
  }
}

export function checkLedger({ settledUsd, reservedUsd, billedUsd }: Ledger): Violation[] {
  const [settled, reserved, billed] = [micros(settledUsd), micros(reservedUsd), micros(billedUsd)]
  if (billed >= settled && billed <= settled + reserved) return []
  const detail = `billed ${billed} µ$, settled ${settled} µ$, reserved ${reserved} µ$`
  return [{ kind: 'ledger', id: '', detail }]
}

/** In micro-dollars. A settled attempt without a job must cost nothing. A job without an attempt was paid for nothing. */
function differenceOf({ generation, renders }: Case): number {
  const billedFor = (id: string | null): number =>
    micros(renders.find((render) => render.id === id)?.billedUsd ?? 0)
  const settled = generation.attempts.filter(({ cost_state: state }) => state === 'settled')
  const known = settled.map((attempt) => Math.abs(micros(attempt.cost_usd) - billedFor(attempt.upstream_id)))
  const open = new Set(
    generation.attempts
      .filter(({ cost_state: state }) => state === 'reserved')
      .map(({ upstream }) => upstream),
  )
  const strays = orphansOf(generation, renders).filter(({ upstream }) => !open.has(upstream))
  return [...known, ...strays.map(({ id }) => billedFor(id))].reduce((sum, each) => sum + each, 0)
}
