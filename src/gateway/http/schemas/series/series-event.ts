import { z } from 'zod'
import type { SeriesId } from '../../../domain/ids.ts'
import { seriesEventTypes } from '../../../domain/series/series-events.ts'
import type { SeriesRecord } from '../../../ports/series/series-store.ts'
import { exampleGenerationId, exampleSeriesId, seriesId, timestamp, toTimestamp } from '../fields.ts'
import { toMembers } from '../generations/event.ts'
import { shownWord } from '../shown-word.ts'

export const SeriesEvent = z
  .looseObject({
    type: shownWord(seriesEventTypes),
    at: timestamp,
    seq: z.int().positive(),
    series_id: seriesId,
  })
  .meta({
    id: 'SeriesEvent',
    description:
      'The `data` of one server-sent event. The `id` of the event is `seq` and its `event` is `type`. Further fields depend on the type.',
    examples: [
      {
        type: 'scene.completed',
        at: '2026-11-22T15:31:40.000Z',
        seq: 3,
        series_id: exampleSeriesId,
        scene: 'beach',
        number: 1,
        generation: exampleGenerationId,
        upstream: 'reseller-a',
        cost_usd: 0.12,
      },
    ],
  })

/** One server-sent event as its fields; in the stream each is a line, and an empty line ends it. */
export const SeriesEventFrame = z
  .object({
    id: z.string().meta({ description: 'The `seq` of the event, for `Last-Event-ID`.' }),
    event: z.string().meta({ description: 'The `type` of the event.' }),
    data: z.string().meta({
      description: 'A SeriesEvent as JSON.',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/SeriesEvent' },
    }),
  })
  .meta({
    id: 'SeriesEventFrame',
    examples: [
      {
        id: '1',
        event: 'series.created',
        data: '{"scenes":2,"type":"series.created","at":"2026-11-22T15:04:05.000Z","seq":1,"series_id":"ser_01kasp3v5tq8c9d4wz7m2n6xhr"}',
      },
    ],
  })

/** One frame of `text/event-stream`. JSON has no raw line breaks, so the data is always one line. */
export function toSeriesFrame(id: SeriesId, { seq, type, at, data }: SeriesRecord): string {
  const event = { ...toMembers(data), type, at: toTimestamp(at), seq, series_id: id }
  return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`
}
