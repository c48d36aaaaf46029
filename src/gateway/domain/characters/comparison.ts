import type { Client } from '../accounts/client.ts'
import type { Generation } from '../generation/generation.ts'
import { isTerminal } from '../generation/liveness.ts'
import type { CharacterId, ComparisonId, GenerationId, MediaId } from '../ids.ts'
import type { Fidelity, Shape, Size } from '../routing/upstream.ts'

export const cellStates = ['waiting', 'rendering', 'delivered', 'failed'] as const
export type CellState = (typeof cellStates)[number]

/** How like a video's frames are to the character's clip; see `Resemblance` of the frame gallery. */
export interface CellLikeness {
  hashSimilarity: number
  colourDistance: number
}

/** One video of a comparison: a scene, played once more, on one upstream. */
export interface ComparisonCell {
  scene: number
  run: number
  upstream: string
  /**
   * Created together with the cell, so that a generation that was stored but not recorded here is found instead of created
   * again.
   */
  generationId: GenerationId
  state: CellState
  /** What it may cost at most, in micro-dollars. */
  ceilingMicros: number
  /** From here on null until it has ended. */
  costMicros: number | null
  /** Of these, what is not settled yet. */
  reservedMicros: number | null
  /** From the create to the end of the attempt that delivered. */
  renderMs: number | null
  fidelity: Fidelity | null
  mediaId: MediaId | null
  failure: { code: string; message: string } | null
  likeness: CellLikeness | null
  /** Whether it was looked at, whatever came of it. */
  measured: boolean
}

/** One character played in the same scenes on several upstreams. */
export interface Comparison {
  id: ComparisonId
  tenant: string
  /** Given by whoever made it; null if none was. */
  name: string | null
  /** The client, with its permissions and limits at the time of the request. The cells are rendered for it. */
  client: Client
  character: { id: CharacterId; name: string; clip: MediaId }
  scenes: string[]
  runs: number
  upstreams: string[]
  model: string
  durationSeconds: number
  size: Size | Shape
  maxCostMicros: number
  cells: ComparisonCell[]
  createdAt: number
  completedAt: number | null
  /** When somebody should look at it again; null when it is complete. */
  dueAt: number | null
  /** How many times its links were ended; those of earlier rounds are not valid. */
  linkRound: number
}

/** The scores of one video by one person, 0-100 each. A later score of the same person replaces the earlier one. */
export interface CellScore {
  generationId: GenerationId
  rater: string
  face: number
  clothing: number
  style: number
  at: number
}

/** The average scores of one video. */
export interface CellScores {
  generationId: GenerationId
  /** The number of scores in the averages. */
  count: number
  face: number
  clothing: number
  style: number
}

/** Whoever scores by a link has a name of this namespace, so that he is never taken for somebody who has a key. */
export const linkRater = 'link:'

/** People who score one comparison by links, and those whom keys name: each may be made up. */
export const mostRaters = { byLink: 100, byKey: 1000 }

/** The number of cells rendered at once on one upstream. More would wait in its queue until their deadlines. */
const mostAtOnce = 10

/** The cells whose generations may be stored now, given how many videos each upstream takes at once (null: any number). */
export function cellsToSubmit(
  { cells }: Comparison,
  maxInFlight: (upstream: string) => number | null,
): ComparisonCell[] {
  const free = new Map<string, number>()
  for (const { upstream, state } of cells) {
    const most = Math.min(mostAtOnce, maxInFlight(upstream) ?? mostAtOnce)
    free.set(upstream, (free.get(upstream) ?? most) - (state === 'rendering' ? 1 : 0))
  }
  return cells.filter(({ upstream, state }) => {
    const left = free.get(upstream) ?? 0
    if (state !== 'waiting' || left <= 0) return false
    free.set(upstream, left - 1)
    return true
  })
}

/** A cell as its generation says it stands; null: the generation was deleted. */
export function cellAfter(cell: ComparisonCell, generation: Generation | null): ComparisonCell {
  if (generation === null) {
    return failedCell(cell, { code: 'deleted', message: 'Its generation was deleted.' })
  }
  if (!isTerminal(generation)) return { ...cell, state: 'rendering' }
  const { attempts, video, error } = generation
  const delivered = attempts.find(({ state }) => state === 'succeeded')
  const settled = attempts.filter(({ costState }) => costState === 'settled')
  const open = attempts.filter(({ costState }) => costState !== 'settled')
  const ended: ComparisonCell = {
    ...cell,
    costMicros: settled.reduce((sum, { costMicros }) => sum + costMicros, 0),
    reservedMicros: open.reduce((sum, { reservedMicros }) => sum + reservedMicros, 0),
    fidelity: delivered?.fidelity ?? attempts.at(-1)?.fidelity ?? null,
  }
  if (video === null || video.expiredAt !== null || delivered === undefined) {
    const failure = error ?? { code: 'video_gone', message: 'The video is no longer in the archive.' }
    return {
      ...failedCell(ended, { code: failure.code, message: failure.message }),
      fidelity: ended.fidelity,
    }
  }
  const from = delivered.submittedAt ?? delivered.startedAt
  const renderMs = Math.max(0, (delivered.endedAt ?? from) - from)
  return { ...ended, state: 'delivered', renderMs, mediaId: video.mediaId }
}

export function failedCell(cell: ComparisonCell, failure: ComparisonCell['failure']): ComparisonCell {
  return {
    ...cell,
    state: 'failed',
    failure,
    costMicros: cell.costMicros ?? 0,
    reservedMicros: cell.reservedMicros ?? 0,
    measured: true,
  }
}

/** What is left to be looked at. */
export function cellsToMeasure({ cells }: Comparison): ComparisonCell[] {
  return cells.filter(({ state, measured }) => state === 'delivered' && !measured)
}

export function isComplete({ cells }: Comparison): boolean {
  return cells.every(({ state, measured }) => (state === 'delivered' || state === 'failed') && measured)
}
