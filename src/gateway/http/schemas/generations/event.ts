import { z } from 'zod'
import type { LogRecord } from '../../../ports/generations/generation-history.ts'
import { isPublicMember } from '../../../domain/observability/log-line.ts'
import { logEntryTypes } from '../../../domain/generation/history.ts'
import type { GenerationId } from '../../../domain/ids.ts'
import { exampleGenerationId, generationId, timestamp, toTimestamp, toUsd } from '../fields.ts'
import { shownWord } from '../shown-word.ts'

export const GenerationEvent = z
  .looseObject({
    type: shownWord(logEntryTypes),
    at: timestamp,
    seq: z.int().positive(),
    generation_id: generationId,
  })
  .meta({
    id: 'GenerationEvent',
    description:
      'The `data` of one server-sent event. The `id` of the event is `seq` and its `event` is `type`. Further fields depend on the type.',
    examples: [
      {
        type: 'attempt.progress',
        at: '2026-11-22T15:05:11.000Z',
        seq: 7,
        generation_id: exampleGenerationId,
        progress: 40,
      },
    ],
  })

export const GenerationEventList = z
  .object({
    data: z.array(GenerationEvent).meta({ description: 'Oldest first.' }),
    has_more: z.boolean(),
    next_after: z.int().meta({ description: 'Send it as `after` to get the events that follow.' }),
  })
  .meta({
    id: 'GenerationEventList',
    description: 'Events of a generation that have happened so far.',
    examples: [
      {
        data: [
          {
            type: 'generation.queued',
            at: '2026-11-22T15:04:05.000Z',
            seq: 1,
            generation_id: exampleGenerationId,
          },
        ],
        has_more: true,
        next_after: 1,
      },
    ],
  })

export type GenerationEventList = z.output<typeof GenerationEventList>

/** One server-sent event as its fields; in the stream each is a line, and an empty line ends it. */
export const GenerationEventFrame = z
  .object({
    id: z.string().meta({ description: 'The `seq` of the event, for `Last-Event-ID`.' }),
    event: z.string().meta({ description: 'The `type` of the event.' }),
    data: z.string().meta({
      description: 'A GenerationEvent as JSON.',
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/GenerationEvent' },
    }),
  })
  .meta({
    id: 'GenerationEventFrame',
    examples: [
      {
        id: '7',
        event: 'attempt.progress',
        data: '{"type":"attempt.progress","at":"2026-11-22T15:05:11.000Z","seq":7,"generation_id":"gen_01kasp3v5tq8c9d4wz7m2n6xhr","progress":40}',
      },
    ],
  })

/** The log keeps money as `…_micros`; callers get dollars as `…_usd`, here as everywhere. */
export function toMembers(data: LogRecord['data']): LogRecord['data'] {
  const members: LogRecord['data'] = {}
  for (const [name, value] of Object.entries(data)) {
    if (name.endsWith('_micros') && typeof value === 'number') {
      members[name.replace(/_micros$/, '_usd')] = toUsd(value)
    } else members[name] = value
  }
  return members
}

/** Without what a vendor may have said: of the members, those that the log may show, and all that is a number. */
export function outlined(record: LogRecord): LogRecord {
  const kept = Object.entries(record.data).filter(
    ([name, value]) => typeof value === 'number' || isPublicMember(name),
  )
  return { ...record, data: Object.fromEntries(kept) }
}

function toEvent(id: GenerationId, { seq, type, at, data }: LogRecord): z.output<typeof GenerationEvent> {
  return { ...toMembers(data), type, at: toTimestamp(at), seq, generation_id: id }
}

/** One frame of `text/event-stream`. JSON has no raw line breaks, so the data is always one line. */
/** What many readers get is written once. */
const written = new WeakMap<LogRecord, Buffer>()

export function toFrame(id: GenerationId, record: LogRecord): Buffer {
  const known = written.get(record)
  if (known !== undefined) return known
  const event = toEvent(id, record)
  const frame = Buffer.from(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  written.set(record, frame)
  return frame
}

export function toEventList(
  id: GenerationId,
  { records, hasMore, after }: { records: LogRecord[]; hasMore: boolean; after: number },
): GenerationEventList {
  return {
    data: records.map((record) => toEvent(id, record)),
    has_more: hasMore,
    next_after: records.at(-1)?.seq ?? after,
  }
}
