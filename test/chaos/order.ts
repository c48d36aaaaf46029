import { createRandom } from './random.ts'

/** What was asked, by the token that its prompt carries; the checker compares with it what it finds. */
export interface Asked {
  token: string
  key: 'studio' | 'bank'
  onUnknown: 'fail' | 'fallback'
  maxCostUsd: number | null
  /** What the render must be shown; a clip of a character is another matter. */
  reference: 'image' | 'video' | null
  /** The id that a 202 named; null when the answer was lost and the request not repeated. */
  id: string | null
  /** Refused at the door with this status. */
  refusedWith: number | null
  /** An answer to it was lost: whatever was answered later, an earlier one may have been a 202. */
  lostAnswer: boolean
}

/** What one caller is going to do. */
export interface Order {
  asked: Asked
  fields: { prompt: string; duration: number; size: string; routing: object }
  reference: { type: 'picture' | 'clip'; index: number } | null
  /** With an Idempotency-Key, and again until there is an answer. */
  repeats: boolean
  /** Also while the answer is that the disk is full. */
  patient: boolean
  /** Asks the very same once more so long after the answer. */
  replayAfterMs: number | null
  cancelAfterMs: number | null
  /** Reads its events, hanging up after each `leaveAfter` of them. */
  follows: { leaveAfter: number; resumeBy: 'header' | 'query' } | null
  /** Deletes it when it has ended. */
  deletes: boolean
  /** Makes a character first, by a whole clip or a part of one, and has it play. */
  newCharacter: { name: string; part: boolean } | null
}

export const tokenOf = (prompt: string): string | null => /\btk\d+\b/.exec(prompt)?.[0] ?? null

export const cast = ['ada', 'ben', 'cleo', 'dora']
/** Pictures and clips that orders choose from. */
export const referenceCount = 3
const never = 1_000_000

/**
 * The order of this number. Its choices are its own, so that none depends on how many orders were placed in time. A heavy
 * one brings a file along, with its own request or for a character.
 */
export function orderOf(seed: number, number: number, heavy: boolean): Order {
  const random = createRandom(seed, `order ${number}`)
  const token = `tk${number}`
  const key = random.chance(0.15) ? 'bank' : 'studio'
  const made = { name: `extra_${number}`, part: random.chance(0.5) }
  const newCharacter = heavy && key === 'studio' && random.chance(0.2) ? made : null
  const plays =
    newCharacter?.name ?? (!heavy && key === 'studio' && random.chance(0.3) ? random.pick(cast) : null)
  const word = random.weighted([
    [92, ''],
    [4, ' forbidden'],
    [4, ' forbidden-late'],
  ])
  const onUnknown = random.chance(0.35) ? 'fallback' : 'fail'
  const maxCostUsd = random.chance(0.2) ? random.pick([0.1, 0.3, 1, 1.5]) : null
  const type = random.pick(['picture', 'clip'] as const)
  const shows = { type, index: random.int(0, referenceCount - 1) }
  const reference = heavy && plays === null ? shows : null
  const routing = {
    priority: random.pick(['cost', 'stability']),
    fallback: random.chance(0.9),
    on_unknown: onUnknown,
    ...(maxCostUsd !== null && { max_cost_usd: maxCostUsd }),
  }
  const repeats = random.chance(0.8)
  const replayAfterMs = random.int(100, 2500)
  const cancelAfterMs = random.int(0, 2500)
  const leaveAfter = random.chance(0.5) ? random.int(1, 4) : never
  const resumeBy = random.pick(['header', 'query'] as const)
  return {
    asked: {
      token,
      key,
      onUnknown,
      maxCostUsd,
      reference: reference === null ? null : reference.type === 'picture' ? 'image' : 'video',
      id: null,
      refusedWith: null,
      lostAnswer: false,
    },
    fields: {
      prompt: `${plays === null ? '' : `@${plays} `}walks ${token}${word}`,
      duration: random.pick([4, 5, 8, 10, 12, 15]),
      size: random.pick(['320x240', '240x320', 'landscape']),
      routing,
    },
    reference,
    repeats,
    patient: random.chance(0.7),
    replayAfterMs: random.chance(0.25) && repeats ? replayAfterMs : null,
    cancelAfterMs: random.chance(0.15) ? cancelAfterMs : null,
    follows: random.chance(0.3) ? { leaveAfter, resumeBy } : null,
    deletes: random.chance(0.12),
    newCharacter,
  }
}
