import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Client } from './client.ts'
import type { Order } from './order.ts'
import { finalStatuses } from './shown.ts'
import type { ShownEvent } from './shown.ts'

/** The events that one follower of a generation received, over all of its connections. */
export interface Followed {
  id: string
  seen: ShownEvent[]
  /** Connections that resumed after an event. */
  resumed: number
  /** `told`: the final event was received. `gone`: the generation does not exist. `open`: still waiting at the end. */
  end: 'told' | 'gone' | 'open'
  /** Frames whose id is not the number of their event. */
  oddIds: string[]
}

const againPauseMs = 30

export const isEnd = ({ type }: ShownEvent): boolean => finalStatuses.has(type.replace('generation.', ''))

/** Follows a generation like a browser: reconnects after every interruption, with the id of the last event. */
export async function follow(
  client: Client,
  { key, id, leaveAfter, resumeBy }: NonNullable<Order['follows']> & { key: string; id: string },
  signal: AbortSignal,
): Promise<Followed> {
  const followed: Followed = { id, seen: [], resumed: 0, end: 'open', oddIds: [] }
  const { seen, oddIds } = followed
  while (!signal.aborted) {
    const last = seen.at(-1)?.seq
    const path = `/generations/${id}/events${last !== undefined && resumeBy === 'query' ? `?after=${last}` : ''}`
    const headers: Record<string, string> =
      last !== undefined && resumeBy === 'header' ? { 'last-event-id': String(last) } : {}
    let left = leaveAfter
    const status = await client.stream(
      { key, path, headers },
      (frame) => {
        seen.push(frame.event)
        if (frame.id !== String(frame.event.seq)) oddIds.push(`${frame.id} of ${frame.event.seq}`)
        left -= 1
        return left > 0 && !isEnd(frame.event)
      },
      signal,
    )
    if (last !== undefined && status === 200) followed.resumed += 1
    if (seen.some(isEnd)) return { ...followed, end: 'told' }
    if (status === 404) return { ...followed, end: 'gone' }
    await pause(againPauseMs)
  }
  return followed
}

/** What is wrong with the received events, compared with the whole log; null if there is no log to compare with. */
export function faultsOf({ seen, end, oddIds }: Followed, log: readonly ShownEvent[] | null): string[] {
  const faults = oddIds.map((odd) => `was sent the id ${odd}`)
  if (seen.some(({ seq }, index) => seq !== index + 1)) {
    faults.push(`was told the events ${seen.map(({ seq }) => seq).join(' ')}`)
  }
  if (end === 'open') faults.push(`was never told the end, only ${seen.length} events`)
  if (log === null) return faults
  const other = seen.find((event) => !isDeepStrictEqual(event, log[event.seq - 1]))
  if (other !== undefined) {
    faults.push(`was told ${JSON.stringify(other)}, and the log has ${JSON.stringify(log[other.seq - 1])}`)
  }
  return faults
}
