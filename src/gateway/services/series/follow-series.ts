import type { SeriesId } from '../../domain/ids.ts'
import type { Series } from '../../domain/series/series.ts'
import type { EventBus } from '../../ports/event-bus.ts'
import type { SeriesRecord, SeriesStore } from '../../ports/series/series-store.ts'
import { awaitChange } from '../generations/await-change.ts'

const eventsPerRead = 200

/** The history after `afterSeq`, then what happens, until the series has ended and everything was told. */
export async function* followSeries(
  { series: store, bus }: { series: SeriesStore; bus: EventBus },
  read: () => Promise<Series>,
  id: SeriesId,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<SeriesRecord> {
  let seq = afterSeq
  using change = awaitChange(bus, id)
  while (!signal.aborted) {
    // Read before the log: an entry written in between belongs to a state that is not the end yet as seen here.
    const ended = (await read()).completedAt !== null
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
