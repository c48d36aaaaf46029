import { z } from 'zod'
import type { LogRecord } from '../../ports/generation-store.ts'
import type { LogEntryType } from '../../domain/generation.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { exampleGenerationId, generationId, timestamp, toTimestamp, toUsd } from './fields.ts'

/** Complete by its type: an event that happens is an event that is documented. */
const eventTypes: Record<LogEntryType, true> = {
  'generation.queued': true,
  'generation.warning': true,
  'generation.completed': true,
  'generation.failed': true,
  'generation.cancelled': true,
  'generation.late_video': true,
  'generation.video_expired': true,
  'attempt.started': true,
  'attempt.rebinding': true,
  'attempt.submitting': true,
  'attempt.accepted': true,
  'attempt.progress': true,
  'attempt.unknown': true,
  'attempt.abandoned': true,
  'attempt.archiving': true,
  'attempt.succeeded': true,
  'attempt.failed': true,
  'attempt.settled': true,
}

export const GenerationEvent = z
  .looseObject({
    type: z.enum(Object.keys(eventTypes)),
    at: timestamp,
    seq: z.int().positive(),
    generation_id: generationId,
  })
  .meta({
    id: 'GenerationEvent',
    description:
      'The `data` of one server-sent event. Its `id` is `seq` and its `event` is `type`; further members depend on the type.',
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
function toMembers(data: LogRecord['data']): LogRecord['data'] {
  const members: LogRecord['data'] = {}
  for (const [name, value] of Object.entries(data)) {
    if (name.endsWith('_micros') && typeof value === 'number') {
      members[name.replace(/_micros$/, '_usd')] = toUsd(value)
    } else members[name] = value
  }
  return members
}

/** One frame of `text/event-stream`. JSON has no raw line breaks, so the data is always one line. */
export function toFrame(id: GenerationId, { seq, type, at, data }: LogRecord): string {
  const event = { ...toMembers(data), type, at: toTimestamp(at), seq, generation_id: id }
  return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`
}
