import t from 'tap'
import { averageOf, tableOf } from '../../src/gateway/domain/characters/comparison-table.ts'
import {
  cellAfter,
  cellsToMeasure,
  cellsToSubmit,
  failedCell,
  isComplete,
} from '../../src/gateway/domain/characters/comparison.ts'
import type { CellScores, ComparisonCell } from '../../src/gateway/domain/characters/comparison.ts'
import {
  moneyOfComparison,
  progressOf,
  withMoney,
} from '../../src/gateway/domain/characters/comparison-money.ts'
import { aCell, aComparison } from '../fixtures/comparison.ts'
import { aGeneration, anAttempt, generationId, START } from '../fixtures/generation.ts'
import { aFailure, aVideo } from './builders.ts'

const delivered: Partial<ComparisonCell> = {
  state: 'delivered',
  costMicros: 120_000,
  reservedMicros: 0,
  renderMs: 80_000,
  fidelity: 'native',
  mediaId: 'media_1',
}

/** The slots of the upstreams in these tests. */
function most(upstream: string): number | null {
  return upstream === 'a' ? 3 : null
}

t.test('as many cells are played at once as their upstream takes, scene by scene', async (t) => {
  const cells = [
    ...Array.from({ length: 4 }, (_, n) => aCell(n, { upstream: 'a', scene: n })),
    ...Array.from({ length: 30 }, (_, n) => aCell(10 + n, { upstream: 'b' })),
    aCell(50, { upstream: 'a', state: 'rendering' }),
    aCell(51, { upstream: 'a', ...delivered }),
  ]
  const chosen = cellsToSubmit(aComparison({ cells }), most)
  t.same(
    chosen.filter(({ upstream }) => upstream === 'a').map(({ scene }) => scene),
    [0, 1],
    'one of its three slots is taken',
  )
  t.equal(chosen.filter(({ upstream }) => upstream === 'b').length, 10, 'and never more than ten')
  t.same(
    cellsToSubmit(aComparison({ cells }), () => 0),
    [],
  )
})

t.test('a cell says what its generation came to', async (t) => {
  const cell = aCell(1, { state: 'rendering' })
  const done = anAttempt({
    state: 'succeeded',
    fidelity: 'native',
    costState: 'settled',
    costMicros: 120_000,
    submittedAt: START + 10,
    endedAt: START + 84_010,
  })
  const video = aVideo({ mediaId: 'media_9' })
  t.strictSame(cellAfter(cell, aGeneration()), cell, 'still under way')
  t.match(cellAfter(cell, aGeneration({ status: 'completed', attempts: [done], video })), {
    state: 'delivered',
    costMicros: 120_000,
    reservedMicros: 0,
    renderMs: 84_000,
    fidelity: 'native',
    mediaId: 'media_9',
    failure: null,
    measured: false,
  })
  const failed = anAttempt({ state: 'failed', fidelity: 'reference', failure: aFailure('refused') })
  const error = { code: 'content_refused', message: 'blocked' } as const
  t.match(cellAfter(cell, aGeneration({ status: 'failed', attempts: [failed], error })), {
    state: 'failed',
    costMicros: 0,
    reservedMicros: 120_000,
    fidelity: 'reference',
    failure: error,
    measured: true,
  })
  t.match(cellAfter(cell, null), { state: 'failed', failure: { code: 'deleted' }, costMicros: 0 })
  const gone = { ...video, expiredAt: START }
  t.match(cellAfter(cell, aGeneration({ status: 'completed', attempts: [done], video: gone })), {
    state: 'failed',
    costMicros: 120_000,
    failure: { code: 'video_gone' },
  })
})

t.test('a comparison is complete when everything has ended and was looked at', async (t) => {
  const cells = [aCell(1, delivered), failedCell(aCell(2), { code: 'no_upstream', message: 'none' })]
  t.equal(isComplete({ ...aComparison(), cells }), false)
  t.same(
    cellsToMeasure({ ...aComparison(), cells }).map(({ generationId: id }) => id),
    [generationId(1)],
  )
  const measured = [aCell(1, { ...delivered, measured: true }), ...cells.slice(1)]
  t.equal(isComplete({ ...aComparison(), cells: measured }), true)
  t.equal(isComplete({ ...aComparison(), cells: [...measured, aCell(3)] }), false)
})

t.test('the table counts every cell and averages what has a figure', async (t) => {
  const likeness = { hashSimilarity: 0.8, colourDistance: 10 }
  const cells = [
    aCell(1, { ...delivered, likeness }),
    aCell(2, { ...delivered, renderMs: 40_000, fidelity: 'reference', likeness: null, measured: true }),
    failedCell(aCell(3, { costMicros: 50_000, reservedMicros: 7 }), { code: 'upstream_failed', message: '' }),
    aCell(4),
    aCell(5, { upstream: 'openai' }),
  ]
  const score: CellScores = { generationId: generationId(1), count: 2, face: 70, clothing: 60, style: 40 }
  const scores = [score, { ...score, generationId: generationId(9) }]
  const rows = tableOf({ upstreams: ['reseller-a', 'openai'], cells }, scores)
  t.strictSame(rows, [
    {
      upstream: 'reseller-a',
      cells: 4,
      delivered: 2,
      failed: 1,
      failures: { upstream_failed: 1 },
      fidelity: { native: 1, inline: 0, reference: 1 },
      costMicros: 290_000,
      reservedMicros: 7,
      meanRenderMs: 60_000,
      hashSimilarity: 0.8,
      colourDistance: 10,
      scores: { count: 2, face: 70, clothing: 60, style: 40 },
    },
    {
      upstream: 'openai',
      cells: 1,
      delivered: 0,
      failed: 0,
      failures: {},
      fidelity: { native: 0, inline: 0, reference: 0 },
      costMicros: 0,
      reservedMicros: 0,
      meanRenderMs: null,
      hashSimilarity: null,
      colourDistance: null,
      scores: null,
    },
  ])
  t.equal(averageOf([]), null)
})

t.test('costs of ended videos are those of now, and money counts those under way', async (t) => {
  const cells = [
    failedCell(aCell(1, { costMicros: 0, reservedMicros: 9 }), { code: 'outcome_unknown', message: '' }),
    aCell(2, { state: 'rendering' }),
    aCell(3, { ...delivered, costMicros: 5, reservedMicros: 0 }),
  ]
  const comparison = aComparison({ cells })
  const paid = { paidMicros: 8, mayStillBeChargedMicros: 0, paidWithoutVideoMicros: 8 }
  const held = { paidMicros: 0, mayStillBeChargedMicros: 40, paidWithoutVideoMicros: 0 }
  const money = new Map([
    [generationId(1), paid],
    [generationId(2), held],
  ])
  t.match(withMoney(comparison, money).cells, [
    { costMicros: 8, reservedMicros: 0 },
    { costMicros: null, reservedMicros: null },
    { costMicros: 0, reservedMicros: 0 },
  ])
  t.same(moneyOfComparison(comparison, money), { ...paid, mayStillBeChargedMicros: 40 })
  t.equal(progressOf(comparison), 66, 'never 100 before all have ended')
})
