import type { Json } from '../domain/json.ts'
import type { CreateOutcome, JobReport } from '../domain/outcome.ts'
import type { CharacterRequest, CreateRequest } from '../ports/upstream.ts'
import { characterVerdict } from './answers/character-verdict.ts'
import { createVerdict } from './answers/create-verdict.ts'
import { jobFailure, pollVerdict } from './answers/job-verdict.ts'
import { parseJson } from './answers/json-body.ts'
import { progressOf } from './answers/progress.ts'
import { pollHint } from './answers/retry-hint.ts'
import { meaningOf } from './answers/status-words.ts'
import type { Dialect, ReceivedAnswer, Unsupported } from './dialect.ts'
import type { UpstreamSettings } from './settings.ts'
import { operationSchema, resultSchema, wireCharacter, wireTask, wireTicket } from './sora-tasks-wire.ts'
import type { ApiCall } from './transport/transport.ts'

/** The reseller protocol of reverse-dialects.md §6.1, below a base URL that ends in `/v1`. */
export function createSoraTasks(settings: UpstreamSettings): Dialect {
  const { spec, createServerError } = settings
  // The protocol's own create has a prompt and a duration. Model and size are said only where there is a choice, so that
  // a reseller that knows just the two fields is sent just the two.
  const hasModels = Object.keys(spec.models).length > 1
  const hasSizes = spec.sizes === null || spec.sizes.length > 1

  return {
    mention: ({ handle }) => `@${handle}`,
    create: {
      encode: (request) => createCall(request, { hasModels, hasSizes }),
      decode: (answer, request) => decodeCreate(answer, request, createServerError),
    },
    poll: {
      encode: (operation) => ({
        method: 'GET',
        path: `/sora/tasks/${encodeURIComponent(operationSchema.parse(operation).id)}`,
        body: null,
      }),
      decode: decodePoll,
    },
    locate: (_operation, result) => ({
      target: { type: 'url', url: resultSchema.parse(result).url },
      expiresAt: null,
    }),
    cancel: null,
    list: null,
    character:
      spec.characters === 'native'
        ? {
            takesJobs: true,
            encode: characterCall,
            decode(answer, request) {
              const id = isSuccess(answer)
                ? wireCharacter.safeParse(parseJson(answer.body)).data?.character_id
                : undefined
              if (id !== undefined) return { type: 'ready', handle: id }
              const echoes = [request.description]
              return characterVerdict(answer, { createServerError, echoes, receivedAt: answer.receivedAt })
            },
            poll: null,
          }
        : null,
    knowsStatus: (word) => ending(word) !== null || meaningOf(word) === 'waiting',
  }
}

function createCall(
  request: CreateRequest,
  { hasModels, hasSizes }: { hasModels: boolean; hasSizes: boolean },
): ApiCall | Unsupported {
  const { prompt, durationSeconds, model, size, reference } = request
  if (reference !== null)
    return { type: 'unsupported', message: 'the sora-tasks protocol takes no reference image or video' }
  const value: { [key: string]: Json } = { prompt, duration: durationSeconds }
  if (hasModels) value['model'] = model
  if (hasSizes) value['size'] = size
  return { method: 'POST', path: '/sora/generate', body: { type: 'json', value } }
}

function decodeCreate(
  answer: ReceivedAnswer,
  request: CreateRequest,
  createServerError: 'unknown' | 'rejected',
): CreateOutcome {
  const ticket = isSuccess(answer) ? wireTicket.safeParse(parseJson(answer.body)).data : undefined
  const id = ticket?.task_id
  if (id !== undefined)
    return { type: 'accepted', job: { upstreamId: id, operation: { id }, model: ticket?.model ?? null } }
  const { receivedAt } = answer
  return createVerdict(answer, { createServerError, echoes: [request.prompt], receivedAt })
}

/**
 * `completed` and `failed` are the only words that end a task; anything else is running. A completed task without its URL is
 * asked again: some vendors name it late (reverse-dialects.md §4 row 8).
 */
function decodePoll(answer: ReceivedAnswer): JobReport {
  const task = isSuccess(answer) ? wireTask.safeParse(parseJson(answer.body)).data : undefined
  if (task?.status === undefined) return pollVerdict(answer, answer.receivedAt)
  switch (ending(task.status)) {
    case 'completed':
      if (task.video_url === undefined)
        return { type: 'unreadable', message: 'the task is completed, but its answer has no video_url' }
      return { type: 'completed', result: { url: task.video_url }, model: task.model ?? null }
    case 'failed':
      return jobFailure(task.error, 'the upstream gives no reason')
    case null: {
      const retryAfterMs = pollHint(answer.headers, answer.receivedAt)
      return { type: 'running', status: task.status, progress: progressOf(task.progress), retryAfterMs }
    }
  }
}

function ending(status: string): 'completed' | 'failed' | null {
  const word = status.trim().toLowerCase()
  return word === 'completed' || word === 'failed' ? word : null
}

/** From a finished task of this reseller where there is one, because resellers often cannot fetch a URL (§4 row 13). */
function characterCall({ name, description, clip, fromJob }: CharacterRequest): ApiCall {
  const source = operationSchema.safeParse(fromJob).data
  return source === undefined
    ? {
        method: 'POST',
        path: '/sora/characters',
        body: { type: 'json', value: { video_url: clip.url, name, description } },
      }
    : {
        method: 'POST',
        path: '/sora/characters/extract',
        body: { type: 'json', value: { task_id: source.id, name } },
      }
}

function isSuccess(answer: ReceivedAnswer): boolean {
  return answer.status >= 200 && answer.status < 300
}
