import { monotonicFactory } from 'ulid'
import type { Clock, Ids } from './ports/clock.ts'

export const systemClock: Clock = { now: () => Date.now() }

/** Ids whose order is the order of their making, also within one millisecond. */
export function createIds(clock: Clock): Ids {
  const ulid = monotonicFactory()
  const next = (): string => ulid(clock.now()).toLowerCase()
  return {
    generation: () => `gen_${next()}`,
    attempt: () => `att_${next()}`,
    character: () => `char_${next()}`,
    media: () => `media_${next()}`,
  }
}
