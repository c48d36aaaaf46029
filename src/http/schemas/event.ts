import { z } from 'zod'
import type { LogRecord } from '../../ports/generation-store.ts'
import type { GenerationId } from '../../domain/ids.ts'
import { exampleGenerationId, generationId, timestamp, toTimestamp } from './fields.ts'

export const GenerationEvent = z
  .looseObject({
    type: z.enum([
      'generation.queued',
      'generation.warning',
      'generation.completed',
      'generation.failed',
      'generation.cancelled',
      'generation.late_video',
      'attempt.started',
      'attempt.submitting',
      'attempt.accepted',
      'attempt.progress',
      'attempt.unknown',
      'attempt.abandoned',
      'attempt.archiving',
      'attempt.succeeded',
      'attempt.failed',
      'attempt.settled',
    ]),
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

/** One frame of `text/event-stream`. JSON has no raw line breaks, so the data is always one line. */
export function toFrame(id: GenerationId, { seq, type, at, data }: LogRecord): string {
  const event = { ...data, type, at: toTimestamp(at), seq, generation_id: id }
  return `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`
}
