import { isTerminal } from '../../domain/generation/liveness.ts'
import type { Generation } from '../../domain/generation/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { LogRecord, GenerationHistory } from '../../ports/generations/generation-history.ts'
import { awaitChange } from './await-change.ts'

const eventsPerRead = 200

/** The history after `afterSeq`, then what happens, until the generation has ended and everything was told. */
export async function* followEvents(
  { store, bus }: { store: GenerationHistory; bus: EventBus },
  read: () => Promise<Generation>,
  id: GenerationId,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<LogRecord> {
  let seq = afterSeq
  using change = awaitChange(bus, id)
  while (!signal.aborted) {
    // Read before the log: an entry written in between belongs to a state that is not terminal yet as seen here.
    const ended = isTerminal(await read())
    for (;;) {
      const records = await store.events(id, seq, eventsPerRead)
      for (const record of records) {
        seq = record.seq
        yield record
      }
      if (records.length < eventsPerRead) break
    }
    if (ended) return
    await change.next(signal)
  }
}
