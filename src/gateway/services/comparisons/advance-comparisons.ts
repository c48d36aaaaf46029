import { setTimeout as pause } from 'node:timers/promises'
import {
  cellAfter,
  cellsToMeasure,
  cellsToSubmit,
  failedCell,
  isComplete,
} from '../../domain/characters/comparison.ts'
import type { Comparison, ComparisonCell } from '../../domain/characters/comparison.ts'
import { narrowest } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { ProblemCode } from '../../domain/problem.ts'
import type { ComparisonId, GenerationId } from '../../domain/ids.ts'
import type { ComparisonStore, StoredComparison } from '../../ports/characters/comparison-store.ts'
import type { FrameGallery } from '../../ports/media/frame-gallery.ts'
import type { KeyAuthority } from '../../ports/accounts/key-authority.ts'
import type { Logger } from '../../ports/logger.ts'
import type { UpstreamDirectory } from '../../ports/upstream.ts'
import { cellRequest } from './plan-comparison.ts'
import { createSubmitGeneration } from '../generations/submit-generation.ts'
import type { SubmitGenerationDeps } from '../generations/submit-generation.ts'

export type AdvanceComparisonsDeps = SubmitGenerationDeps & {
  comparisons: ComparisonStore
  gallery: FrameGallery
  directory: UpstreamDirectory
  authority: KeyAuthority
  logger: Logger
}

/** Comparisons in hand at the same time: in all, and of one tenant, so that one whose parts hang holds up its own alone. */
const concurrency = 16
const perTenant = 2
/** Longer than a step may take; after it another process may take over. */
const leaseMs = 150_000
/** What takes longer is given up and its place is free again; what it stored meanwhile is found again by its id. */
const stepMs = 120_000
/** A round waits no longer for who is slow; what is in hand goes on beside the next rounds. */
const roundMs = 1000
const againMs = 1000
const retryMs = 30_000
/** Looking at a video takes about a second of a child process; others want those too. */
const measuresPerRound = 4

/** What says "not now" about the caller's own limits, or about this machine: the cell waits. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'too_many_in_flight',
  'overloaded',
  'storage_full',
  'rate_limited',
  'conflict',
])

export interface AdvanceComparisons {
  /** Takes up what is due: notes what ended, measures it, stores the next generations; how many it took up. */
  round(): Promise<number>
  /** Counts an uncaught error against what is in hand. */
  noteCrash(): Promise<void>
}

export function createAdvanceComparisons(deps: AdvanceComparisonsDeps): AdvanceComparisons {
  const { comparisons, clock, logger } = deps
  const inHand = new Map<ComparisonId, Comparison>()

  async function work({ comparison, version }: StoredComparison): Promise<void> {
    const { id } = comparison
    inHand.set(id, comparison)
    try {
      const next = await within(stepMs, advanceOne(deps, comparison))
      // A conflict means that somebody took over; what was stored of generations is found again by its id.
      await comparisons.save(next, version)
    } catch (error) {
      logger.error({ err: error, comparison: id }, 'a comparison could not go on; it is tried again')
      await later(comparison, version)
    } finally {
      inHand.delete(id)
    }
  }

  /** What failed is not in hand any more: its next try does not wait for the end of the lease, and no crash is counted for it. */
  async function later(comparison: Comparison, version: number): Promise<void> {
    const next = { ...comparison, dueAt: clock.now() + retryMs }
    await comparisons.save(next, version).catch((error: unknown) => {
      logger.error({ err: error, comparison: comparison.id }, 'it is tried again when its lease ends')
    })
  }

  return {
    async round() {
      const underWay = [...inHand.values()]
      const limit = concurrency - underWay.length
      if (limit <= 0) return 0
      const now = clock.now()
      const until = now + leaseMs
      const claimed = await comparisons.claimDue({ now, until, limit, perTenant, underWay })
      const over = new AbortController()
      const late = pause(roundMs, undefined, { signal: over.signal }).catch(() => undefined)
      await Promise.race([Promise.all(claimed.map(work)), late])
      over.abort()
      return claimed.length
    },
    noteCrash: () => comparisons.noteCrash([...inHand.keys()]),
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = pause(ms, undefined, { signal: over.signal }).then(() => {
    throw new Error(`not done within ${ms / 1000} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => undefined)
    over.abort()
  }
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
          deps.logger.debug({ err: error, comparison: comparison.id }, 'a video is measured later')
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
  if (await wasStored(deps, id)) return cellAfter(cell, null)
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
    await submitNow(client, cellRequest(comparison, cell, metadata), null, () => '')
    return { ...cell, state: 'rendering' }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return passing.has(error.code) ? null : failedCell(cell, { code: error.code, message: error.message })
  }
}

/** The audit log keeps, from the transaction that stored a generation, that there was one; a deleted one is not bought again. */
async function wasStored({ audit }: AdvanceComparisonsDeps, id: GenerationId): Promise<boolean> {
  const any = { tenant: null, key: null, from: null, to: null, before: null }
  const found = await audit.list({ ...any, action: 'generation.created', subject: id, limit: 1 })
  return found.length > 0
}

function replaced(comparison: Comparison, cell: ComparisonCell): Comparison {
  const cells = comparison.cells.map((each) => (each.generationId === cell.generationId ? cell : each))
  return { ...comparison, cells }
}
