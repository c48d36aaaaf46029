import {
  cellAfter,
  cellsToMeasure,
  cellsToSubmit,
  failedCell,
  isComplete,
} from '../../domain/characters/comparison.ts'
import type { Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'
import { narrowest } from '../../domain/accounts/client.ts'
import { passingProblems, Problem } from '../../domain/problem.ts'
import type { ComparisonStore } from '../../ports/characters/comparison-store.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import type { Logger } from '../../ports/logger.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import { cellRequest } from './plan-comparison.ts'
import { insertWhile } from '../generations/insert-while.ts'
import { wasStored } from '../generations/was-stored.ts'
import { createRounds } from '../rounds.ts'
import type { Pause, Rounds } from '../rounds.ts'
import { createSubmitGeneration } from '../generations/submit-generation.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'

export type AdvanceComparisonsDeps = SubmitGenerationDeps & {
  comparisons: ComparisonStore
  gallery: FrameGallery
  directory: UpstreamDirectory
  authority: KeyAuthority
  logger: Logger
  /** Tests hold it, to say when a step's time is over. */
  stepPause?: Pause | undefined
}

/** Of one tenant in hand at the same time, so that one whose parts hang holds up its own alone. */
const perTenant = 2
const againMs = 1000
/** Looking at a video takes about a second of a child process; others want those too. */
const measuresPerRound = 4

/** Notes what ended, measures it, and stores the next generations. */
export function createAdvanceComparisons(deps: AdvanceComparisonsDeps): Rounds {
  const { comparisons } = deps
  return createRounds({
    ...deps,
    noun: 'comparison',
    store: comparisons,
    perTenant,
    itemOf: ({ comparison }) => comparison,
    async work({ comparison, version }) {
      // A conflict means that somebody took over; what was stored of generations is found again by its id.
      const isUnchanged = async () => (await comparisons.get(comparison.id))?.version === version
      const next = await advanceOne({ ...deps, store: insertWhile(deps.store, isUnchanged) }, comparison)
      return () => comparisons.save(next, version)
    },
    later: ({ comparison, version }, dueAt) => comparisons.save({ ...comparison, dueAt }, version),
  })
}

async function advanceOne(deps: AdvanceComparisonsDeps, comparison: Comparison): Promise<Comparison> {
  let next = await noteEnded(deps, comparison)
  next = await measure(deps, next)
  next = await submitWaiting(deps, next)
  const now = deps.clock.now()
  return isComplete(next) ? { ...next, completedAt: now, dueAt: null } : { ...next, dueAt: now + againMs }
}

async function noteEnded({ store }: AdvanceComparisonsDeps, comparison: Comparison): Promise<Comparison> {
  const cells: ComparisonCell[] = []
  for (const cell of comparison.cells) {
    if (cell.state !== 'rendering') cells.push(cell)
    else cells.push(cellAfter(cell, (await store.get(cell.generationId))?.generation ?? null))
  }
  return { ...comparison, cells }
}

async function measure(deps: AdvanceComparisonsDeps, comparison: Comparison): Promise<Comparison> {
  const { clip } = comparison.character
  const measured = await Promise.all(
    cellsToMeasure(comparison)
      .slice(0, measuresPerRound)
      .map(async (cell): Promise<ComparisonCell> => {
        try {
          const likeness = cell.mediaId === null ? null : await deps.gallery.resemblance(cell.mediaId, clip)
          return { ...cell, likeness, measured: true }
        } catch (error) {
          // The machine is busy with other videos: that keeps nothing else of the comparison from going on.
          deps.logger.debug(
            { err: error, comparison: comparison.id },
            'failed to measure a video; retrying later',
          )
          return cell
        }
      }),
  )
  return measured.reduce(replaced, comparison)
}

/** Stores generations for as many cells as the upstreams and the key take now. */
async function submitWaiting(deps: AdvanceComparisonsDeps, comparison: Comparison): Promise<Comparison> {
  const { directory } = deps
  const due = cellsToSubmit(comparison, (upstream) => directory.get(upstream)?.spec.maxInFlight ?? null)
  let next = comparison
  for (const cell of due) {
    const after = await submit(deps, comparison, cell)
    if (after === null) return next
    next = replaced(next, after)
  }
  return next
}

/** The cell once its generation is stored, or cannot be; null when it has to wait. */
async function submit(
  deps: AdvanceComparisonsDeps,
  comparison: Comparison,
  cell: ComparisonCell,
): Promise<ComparisonCell | null> {
  const { ids, store } = deps
  const { generationId: id } = cell
  // Stored by a process that ended before it could note it.
  if ((await store.get(id)) !== null) return { ...cell, state: 'rendering' }
  if (await wasStored(deps.audit, id)) return cellAfter(cell, null)
  const key = await deps.authority.status(comparison.client)
  if (key.type === 'revoked') {
    const message = 'The key was revoked or expired before this was sent.'
    return failedCell(cell, { code: 'key_revoked', message })
  }
  // As the key may act now, and no further than when it asked.
  const client = { ...key.client, ...narrowest(comparison.client, key.client) }
  const metadata = {
    comparison: comparison.id,
    scene: String(cell.scene + 1),
    run: String(cell.run + 1),
  }
  const submitNow = createSubmitGeneration({ ...deps, ids: { ...ids, generation: () => id } })
  try {
    const input = cellRequest(comparison, cell, metadata)
    await submitNow(client, { input, idempotency: null, render: () => '' })
    return { ...cell, state: 'rendering' }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return passingProblems.has(error.code)
      ? null
      : failedCell(cell, { code: error.code, message: error.message })
  }
}

function replaced(comparison: Comparison, cell: ComparisonCell): Comparison {
  const cells = comparison.cells.map((each) => (each.generationId === cell.generationId ? cell : each))
  return { ...comparison, cells }
}
