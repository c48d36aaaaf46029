import { createHash } from 'node:crypto'
import { cutBody, keptCharacters, keptUnreadable } from '../../domain/attempts/exchange.ts'
import type { Exchange } from '../../domain/attempts/exchange.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { AttemptId, GenerationId } from '../../domain/ids.ts'
import type { ExchangeStore } from '../../ports/operations/exchange-store.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import type { NoteExchange } from '../../ports/upstream.ts'

/** Keeps what upstreams really answered, so that a person can tell what became of an attempt. */
export interface Evidence {
  /** Watches what one step says about an attempt. Its `note` is a function of that step alone. */
  watch(generation: Generation, attemptId: AttemptId): StepEvidence
  /** How often the last answers came again since they were stored, as far as this process knows. */
  repeatedSince(attemptId: AttemptId): number
}

export interface StepEvidence {
  note: NoteExchange
  /**
   * Stores what was noted since the last call. Call it right before the state is stored, in the same turn of the event loop:
   * both writes are one commit then. `isUnreadable`: nobody could make out what the answer means, so more of it is kept.
   */
  keep(options?: { isUnreadable?: boolean }): void
}

/** Attempts whose last answers are remembered; one that is forgotten has an unchanged answer stored once more. */
const remembered = 50_000

/** Longer than most wait for the next poll, so that what ended is not kept until there are too many. */
const rememberedMs = 15 * 60_000

interface Last {
  fingerprint: string
  repeated: number
  /** When the answer came, in milliseconds since the epoch. */
  at: number
}

export function createEvidence({
  clock,
  exchanges: store,
  logger,
}: {
  clock: Clock
  exchanges: ExchangeStore
  logger: Logger
}): Evidence {
  const lasts = new Map<AttemptId, Last>()

  function remember(id: AttemptId, last: Omit<Last, 'at'>): void {
    const now = clock.now()
    lasts.delete(id)
    lasts.set(id, { ...last, at: now })
    // In the order in which answers came, so the first that stays ends it.
    for (const [oldest, { at }] of lasts) {
      if (lasts.size <= remembered && at > now - rememberedMs) break
      lasts.delete(oldest)
    }
  }

  function keep(generationId: GenerationId, attemptId: AttemptId, exchanges: Exchange[]): void {
    const fingerprint = fingerprintOf(exchanges)
    const last = lasts.get(attemptId)
    if (last?.fingerprint === fingerprint)
      return remember(attemptId, { fingerprint, repeated: last.repeated + 1 })
    remember(attemptId, { fingerprint, repeated: 0 })
    const said = { generationId, attemptId, exchanges, repeated: last?.repeated ?? 0 }
    // What an upstream did counts, whether or not its words can be kept.
    store.append(said).catch((error: unknown) => {
      lasts.delete(attemptId)
      logger.warn({ err: error, attempt: attemptId }, 'failed to record an upstream response')
    })
  }

  return {
    watch({ id: generationId }, attemptId) {
      let noted: Exchange[] = []
      return {
        note: (exchange) => void noted.push(exchange),
        keep({ isUnreadable = false } = {}) {
          const exchanges = noted.map((each) => cutBody(each, isUnreadable ? keptUnreadable : keptCharacters))
          noted = []
          if (exchanges.length > 0) keep(generationId, attemptId, exchanges)
        },
      }
    },
    repeatedSince: (attemptId) => lasts.get(attemptId)?.repeated ?? 0,
  }
}

/** Of what was asked and answered, without times. */
function fingerprintOf(exchanges: Exchange[]): string {
  const said = exchanges.map(({ method, path, ending, reason, status, body, bytes }) => [
    method,
    path,
    ending,
    reason,
    status,
    body,
    bytes,
  ])
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 22)
}
