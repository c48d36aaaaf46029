import { z } from 'zod'
import type { ProblemCode } from '../../../domain/problem.ts'
import { exampleCharacterId, exampleGenerationId, generationId, usd } from '../../schemas/fields.ts'
import { answer } from '../../schemas/problem.ts'
import { problemKinds } from '../../answers/problems.ts'
import { faceOf } from './error.ts'

const seconds = z.int().nonnegative().meta({ description: 'Unix time.' })

const exampleVideo = {
  id: exampleGenerationId,
  object: 'video',
  model: 'sora-2',
  status: 'completed',
  progress: 100,
  created_at: 1_795_359_845,
  completed_at: 1_795_360_000,
  expires_at: null,
  prompt: 'paper boat in rain',
  size: '1280x720',
  seconds: '8',
  remixed_from_video_id: null,
  error: null,
  understudy: { upstream: 'openai', cost_usd: 0.8, warnings: [] },
}

/** The Video object of docs/vendors/openai-videos.md#video-object, with one member more. */
export const OpenaiVideo = z
  .object({
    id: generationId,
    object: z.literal('video'),
    model: z.string(),
    status: z.enum(['queued', 'in_progress', 'completed', 'failed']),
    progress: z.int().min(0).max(100),
    created_at: seconds,
    completed_at: seconds.nullable(),
    expires_at: seconds.nullable().meta({ description: 'When the file was removed from the archive.' }),
    prompt: z.string(),
    size: z.string(),
    seconds: z.string().meta({ description: 'Whole seconds as a string.' }),
    remixed_from_video_id: generationId.nullable(),
    error: z
      .object({ code: z.string(), message: z.string() })
      .meta({ id: 'OpenaiVideoError' })
      .nullable()
      .meta({ description: '`moderation_blocked` if the content was refused.' }),
    understudy: z
      .object({
        upstream: z
          .string()
          .nullable()
          .meta({ description: 'The upstream that renders or rendered the video.' }),
        cost_usd: usd,
        warnings: z.array(z.string()).meta({ description: 'Differences from the request.' }),
      })
      .meta({
        id: 'OpenaiVideoRouting',
        description: 'An extension of the protocol; OpenAI clients ignore it.',
      }),
  })
  .meta({ id: 'OpenaiVideo', examples: [exampleVideo] })

export type OpenaiVideo = z.output<typeof OpenaiVideo>

export const OpenaiVideoList = z
  .object({
    object: z.literal('list'),
    data: z.array(OpenaiVideo),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  })
  .meta({
    id: 'OpenaiVideoList',
    examples: [
      {
        object: 'list',
        data: [exampleVideo],
        first_id: exampleGenerationId,
        last_id: exampleGenerationId,
        has_more: false,
      },
    ],
  })

export type OpenaiVideoList = z.output<typeof OpenaiVideoList>

export const OpenaiVideoDeleted = z
  .object({ id: generationId, object: z.literal('video.deleted'), deleted: z.literal(true) })
  .meta({
    id: 'OpenaiVideoDeleted',
    examples: [{ id: exampleGenerationId, object: 'video.deleted', deleted: true }],
  })

export const OpenaiCharacter = z.object({ id: z.string(), name: z.string(), created_at: seconds }).meta({
  id: 'OpenaiCharacter',
  examples: [{ id: exampleCharacterId, name: 'Mossy', created_at: 1_795_359_845 }],
})

export type OpenaiCharacter = z.output<typeof OpenaiCharacter>

/** The envelope of docs/vendors/openai-videos.md#error-body. */
export const OpenaiError = z
  .object({
    error: z
      .object({
        message: z.string(),
        type: z.string(),
        param: z.string().nullable(),
        code: z.string().nullable(),
      })
      .meta({ id: 'OpenaiErrorDetail' }),
  })
  .meta({
    id: 'OpenaiError',
    description: 'Why the request failed. Nothing was stored.',
    examples: [
      {
        error: {
          message: 'No configured upstream can serve this request. openai: It does not offer 1x1.',
          type: 'invalid_request_error',
          param: 'size',
          code: 'invalid_value',
        },
      },
    ],
  })

/** The errors an operation can answer, by status, for a route's `response`. */
export function openaiErrors(...codes: ProblemCode[]): Record<number, ReturnType<typeof answer>> {
  const answers: Record<number, ReturnType<typeof answer>> = {}
  for (const code of codes) {
    const line = `${problemKinds[code].title}.`
    const { status } = faceOf(code)
    const known = answers[status]
    if (known === undefined) answers[status] = answer(line, OpenaiError)
    else if (!known.description.includes(line)) known.description += ` ${line}`
  }
  return answers
}
