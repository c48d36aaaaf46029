import { createRandom } from './random.ts'

/** A request, identified by the token in its prompt. The checker compares the results with it. */
export interface Asked {
  token: string
  key: 'studio' | 'bank'
  onUnknown: 'fail' | 'fallback'
  maxCostUsd: number | null
  /** The reference that the render must use; clips of characters are separate. */
  reference: 'image' | 'video' | null
  /** The id from the 202; null if the response was lost and the request was not repeated. */
  id: string | null
  /** Rejected immediately with this status. */
  refusedWith: number | null
  /** A response was lost: an earlier try may have got a 202. */
  lostAnswer: boolean
}

/** What one caller does. */
export interface Order {
  asked: Asked
  fields: { prompt: string; duration: number; size: string; routing: object }
  reference: { type: 'picture' | 'clip'; index: number } | null
  /** With an Idempotency-Key, and repeated until there is a response. */
  repeats: boolean
  /** Also retries while the disk is full. */
  patient: boolean
  /** Repeats the same request this long after the response. */
  replayAfterMs: number | null
  cancelAfterMs: number | null
  /** Reads its events, disconnecting after each `leaveAfter` of them. */
  follows: { leaveAfter: number; resumeBy: 'header' | 'query' } | null
  /** Deletes it once it has ended. */
  deletes: boolean
  /** Creates a character first, from a whole clip or a part of it, and uses it. */
  newCharacter: { name: string; part: boolean } | null
}

export const tokenOf = (prompt: string): string | null => /\btk\d+\b/.exec(prompt)?.[0] ?? null

export const cast = ['ada', 'ben', 'cleo', 'dora']
/** Pictures and clips that orders choose from. */
export const referenceCount = 3
const never = 1_000_000

/**
 * The order with this number. Its random choices are independent of all others, so that timing does not matter. A heavy
 * order uploads a file, with its own request or for a character.
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
