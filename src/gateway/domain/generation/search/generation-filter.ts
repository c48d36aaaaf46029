import { needsAttention } from './attention.ts'
import { failureCodes, generationErrorCodes } from '../failure.ts'
import type { FailureCode, GenerationErrorCode } from '../failure.ts'
import type { Attempt, AttemptState, Generation } from '../generation.ts'
import type { GenerationStatus } from '../history.ts'

/** Errors of generations and failures of attempts; some codes are both. */
export const filterErrors: ReadonlyArray<GenerationErrorCode | FailureCode> = [
  ...new Set([...generationErrorCodes, ...failureCodes]),
]

export const listOrders = ['newest', 'oldest'] as const

/** Which generations are meant. Null, an empty list or false: no condition. All conditions hold together. */
export interface GenerationFilter {
  tenant: string | null
  /** The name of a key. */
  key: string | null
  status: GenerationStatus | null
  /** With `upstream`: of one and the same attempt. */
  attemptState: AttemptState | null
  upstream: string | null
  /** Our model id. */
  model: string | null
  /** A character by id, or by its current name. */
  character: string | null
  /** The error of the generation, or the failure of an attempt that meets `attemptState` and `upstream`. */
  error: GenerationErrorCode | FailureCode | null
  /** Created at this instant (ms since the epoch) or later. */
  createdFrom: number | null
  /** Created before this instant. */
  createdTo: number | null
  /** Created longer ago than this. */
  olderThanMs: number | null
  metadata: ReadonlyArray<readonly [name: string, value: string]>
  /** What `searchWords` made of a search: all of them are in the prompt. */
  words: readonly string[]
  /** Only what needs a person (`needsAttention`). */
  attention: boolean
}

export const everyGeneration: GenerationFilter = {
  tenant: null,
  key: null,
  status: null,
  attemptState: null,
  upstream: null,
  model: null,
  character: null,
  error: null,
  createdFrom: null,
  createdTo: null,
  olderThanMs: null,
  metadata: [],
  words: [],
  attention: false,
}

/** Case, width and compatibility forms make no difference to a search. */
function searchable(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/** The distinct words of a search. */
export function searchWords(search: string): string[] {
  return [...new Set(searchable(search).split(/\s+/u))].filter((word) => word !== '')
}

/** Whether a prompt has all these words, also as parts of longer ones. */
export function hasWords(prompt: string, words: readonly string[]): boolean {
  const text = searchable(prompt)
  return words.every((word) => text.includes(word))
}

/** The earlier one of both ends (ms since the epoch); infinite without any. */
export function createdBefore(
  { createdTo, olderThanMs }: Pick<GenerationFilter, 'createdTo' | 'olderThanMs'>,
  now: number,
): number {
  return Math.min(createdTo ?? Infinity, olderThanMs === null ? Infinity : now - olderThanMs)
}

/** Whether a generation is meant at `now` (ms since the epoch). Storage finds the same with its indexes. */
export function matchesFilter(generation: Generation, filter: GenerationFilter, now: number): boolean {
  const { request, createdAt } = generation
  return (
    isOr(filter.tenant, generation.tenant) &&
    isOr(filter.key, generation.key) &&
    isOr(filter.status, generation.status) &&
    isOr(filter.model, request.model) &&
    (filter.character === null || request.characters.some(({ id }) => id === filter.character)) &&
    (filter.createdFrom === null || createdAt >= filter.createdFrom) &&
    createdAt < createdBefore(filter, now) &&
    filter.metadata.every(
      ([name, value]) => Object.hasOwn(request.metadata, name) && request.metadata[name] === value,
    ) &&
    matchesAttempts(generation, filter) &&
    hasWords(request.prompt, filter.words) &&
    (!filter.attention || needsAttention(generation, now))
  )
}

function matchesAttempts({ attempts, error }: Generation, filter: GenerationFilter): boolean {
  const isMeant = ({ state, upstream }: Attempt): boolean =>
    isOr(filter.attemptState, state) && isOr(filter.upstream, upstream)
  const isAny = filter.attemptState === null && filter.upstream === null
  const meant = attempts.filter(isMeant)
  if (!isAny && meant.length === 0) return false
  return isOr(filter.error, error?.code) || meant.some(({ failure }) => failure?.code === filter.error)
}

function isOr<T>(asked: T | null, actual: T | undefined): boolean {
  return asked === null || asked === actual
}
