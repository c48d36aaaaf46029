import type { Client, Origin } from '../../domain/accounts/client.ts'
import type { CellScore, CellScores, Comparison } from '../../domain/characters/comparison.ts'
import type { Money } from '../../domain/generation/money.ts'
import type { ComparisonId, GenerationId } from '../../domain/ids.ts'
import type { IdempotencyInput } from '../generations/generations.ts'
import type { Once } from '../once-only.ts'
import type { Shape, Size } from '../../domain/routing/upstream.ts'

export interface ComparisonInput {
  name: string | null
  /** By id or name. */
  character: string
  /** Prompts that each mention the character. */
  scenes: string[]
  runs: number
  upstreams: string[]
  model: string | null
  durationSeconds: number | null
  size: Size | Shape | null
  /** Over the whole matrix. */
  maxCostMicros: number
}

export interface ComparisonView {
  comparison: Comparison
  scores: CellScores[]
  /** What the caller scored; empty behind a link. */
  ownScores: CellScore[]
  money: Money
  /** Until when nobody works on it, because that ended the process several times; null where nothing is wrong. */
  asideUntil: number | null
  /** The contact sheet for a browser without a key, signed and expiring. */
  sheetUrl: string
}

/** What videos may cost at most, in micro-dollars. */
export interface ComparisonCost {
  videos: number
  worstCaseMicros: number
  upstreams: Array<{ upstream: string; videos: number; worstCaseMicros: number }>
}

/** A comparison in a list. */
export interface ComparisonEntry {
  comparison: Comparison
  money: Money
}

export type ScoreInput = Pick<CellScore, 'generationId' | 'face' | 'clothing' | 'style'>

export interface SheetPictures {
  view: ComparisonView
  /** Null where there are no frames to show. */
  source: Uint8Array | null
  strips: ReadonlyMap<GenerationId, Uint8Array>
}

/** What happens to the videos of a deleted comparison that are under way. */
export type OpenWork = 'continue' | 'cancel'

/** Comparisons of upstreams on one character. Failures are thrown as `Problem`; another tenant's comparison is `not_found`. */
export interface ComparisonService {
  /** Stores the comparison before it returns; throws `over_max_cost` with the figures when its worst case is dearer. */
  create(
    client: Client,
    input: ComparisonInput,
    idempotency: IdempotencyInput | null,
  ): Promise<Once<ComparisonView>>
  /** What the same request would cost at most; sends and stores nothing. */
  preview(client: Client, input: Omit<ComparisonInput, 'maxCostMicros'>): Promise<ComparisonCost>
  get(client: Client, id: ComparisonId): Promise<ComparisonView>
  /** Newest first; `before`: only those older than this one. */
  list(
    client: Client,
    query: { before: ComparisonId | null; limit: number },
  ): Promise<{ data: ComparisonEntry[]; hasMore: boolean }>
  /** Takes a person's opinions, all or none. */
  score(client: Client, id: ComparisonId, rater: string, scores: ScoreInput[]): Promise<ComparisonView>
  /**
   * Deletes it with its opinions and ends its links. Videos stay, and what was not sent is not sent. What is under way goes on,
   * or is cancelled first.
   */
  remove(client: Client, id: ComparisonId, open: OpenWork): Promise<void>
  /** Ends every link there is; whoever asks for the comparison again is given another one. */
  endLinks(client: Client, id: ComparisonId): Promise<void>
  sheet(client: Client, id: ComparisonId): Promise<SheetPictures>
  sheetPng(client: Client, id: ComparisonId): Promise<Uint8Array>
  /** The same behind a signed link, for whoever has it. */
  sharedSheet(token: string): Promise<SheetPictures>
  sharedSheetPng(token: string): Promise<Uint8Array>
  scoreShared(token: string, rater: string, scores: ScoreInput[], origin: Origin): Promise<void>
}
