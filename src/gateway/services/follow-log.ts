import type { EventBus } from '../ports/event-bus.ts'
import { awaitChange } from './await-change.ts'

export interface FollowedLog<LogEntry> {
  bus: EventBus
  /** Of the generation or the series whose log it is. */
  id: string
  /** The last entry that the reader has; 0 for none. */
  afterSeq: number
  hasEnded(): Promise<boolean>
  entriesAfter(seq: number, limit: number): Promise<LogEntry[]>
  signal: AbortSignal
}

const entriesPerRead = 200

/** The entries after `afterSeq`, then the new ones, until what is followed has ended and every entry was read. */
export async function* followLog<LogEntry extends { seq: number }>({
  bus,
  id,
  afterSeq,
  signal,
  ...log
}: FollowedLog<LogEntry>): AsyncGenerator<LogEntry> {
  let seq = afterSeq
  using change = awaitChange(bus, id)
  while (!signal.aborted) {
    // Asked before the entries are read: an entry that is written in between is read in the next turn.
    const ended = await log.hasEnded()
    for (;;) {
      const entries = await log.entriesAfter(seq, entriesPerRead)
      for (const entry of entries) {
        seq = entry.seq
        yield entry
      }
      if (entries.length < entriesPerRead) break
    }
    if (ended) return
    await change.next(signal)
  }
}
