import { noMoney, sumOfMoney } from '../generation/money.ts'
import type { Money } from '../generation/money.ts'
import type { GenerationId } from '../ids.ts'
import type { Comparison } from './comparison.ts'

/** By the id of the generation; one that sent nothing has none. */
export type MoneyOfGenerations = ReadonlyMap<GenerationId, Money>

/** Of all its videos, those under way as well. */
export function moneyOfComparison({ cells }: Pick<Comparison, 'cells'>, money: MoneyOfGenerations): Money {
  return sumOfMoney(cells.map(({ generationId }) => money.get(generationId) ?? noMoney))
}

/** With the costs of ended videos as they are now: a charge may be settled long after the comparison noted the end. */
export function withMoney(comparison: Comparison, money: MoneyOfGenerations): Comparison {
  const cells = comparison.cells.map((cell) => {
    if (cell.costMicros === null) return cell
    const { paidMicros, mayStillBeChargedMicros } = money.get(cell.generationId) ?? noMoney
    return { ...cell, costMicros: paidMicros, reservedMicros: mayStillBeChargedMicros }
  })
  return { ...comparison, cells }
}

/** Ended videos in percent, rounded down, so that 100 means all. */
export function progressOf({ cells }: Pick<Comparison, 'cells'>): number {
  const ended = cells.filter(({ state }) => state === 'delivered' || state === 'failed').length
  return cells.length === 0 ? 0 : Math.floor((ended * 100) / cells.length)
}
