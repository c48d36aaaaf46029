import type { Client } from '../../domain/accounts/client.ts'
import type { Comparison } from '../../domain/characters/comparison.ts'
import { moneyOfComparison, withMoney } from '../../domain/characters/comparison-money.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import type { SheetLinks } from '../../ports/characters/sheet-links.ts'
import type { ComparisonService, ComparisonView } from './comparisons.ts'

export interface ComparisonViewsDeps {
  comparisons: ComparisonStore
  sheetLinks: SheetLinks
  clock: Clock
}

/** Long enough to send a sheet around and have it scored. */
const linkMs = 14 * 24 * 3600_000

/** A comparison as it stands now. `rater`: whose scores are given apart; null behind a link. */
export async function viewOfComparison(
  { comparisons, sheetLinks, clock }: ComparisonViewsDeps,
  comparison: Comparison,
  rater: string | null,
): Promise<ComparisonView> {
  const { id, linkRound } = comparison
  const [scores, ownScores, asideUntil, money] = await Promise.all([
    comparisons.scores(id),
    rater === null ? [] : comparisons.scoresBy(id, rater),
    comparisons.asideUntil(id),
    comparisons.money(comparison.cells.map(({ generationId }) => generationId)),
  ])
  return {
    comparison: withMoney(comparison, money),
    scores,
    ownScores,
    money: moneyOfComparison(comparison, money),
    asideUntil,
    sheetUrl: sheetLinks.sign(id, linkRound, clock.now() + linkMs),
  }
}

/** Those of the client's tenant, newest first. */
export async function listComparisons(
  { comparisons }: Pick<ComparisonViewsDeps, 'comparisons'>,
  { tenant }: Client,
  { before, limit }: Parameters<ComparisonService['list']>[1],
): ReturnType<ComparisonService['list']> {
  const found = await comparisons.list({ tenant, before, limit: limit + 1 })
  const data = found.slice(0, limit)
  const ids = data.flatMap(({ cells }) => cells.map(({ generationId }) => generationId))
  const money = await comparisons.money(ids)
  return {
    data: data.map((comparison) => ({ comparison, money: moneyOfComparison(comparison, money) })),
    hasMore: found.length > limit,
  }
}
