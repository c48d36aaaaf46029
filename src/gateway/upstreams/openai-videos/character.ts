import type { Json } from '../../domain/json.ts'
import type { CharacterOutcome } from '../../domain/attempts/outcome.ts'
import type { CreateCharacterRequest, InlineCharacter } from '../../ports/upstream.ts'
import { characterFailure, characterVerdict, unreadCharacter } from '../answers/verdicts/character-verdict.ts'
import type { Refine } from '../answers/verdicts/create-verdict.ts'
import { parseJson } from '../answers/json-body.ts'
import { pollAfter } from '../transport/retry-after.ts'
import { meaningOf } from '../answers/verdicts/status-words.ts'
import { timestampsOf } from '../clip-span.ts'
import type { Dialect, ReceivedAnswer } from '../dialect.ts'
import { operationSchema, videoPath } from './job.ts'
import type { Traits } from './traits.ts'
import { characterSchema } from './wire.ts'
import type { ApiCall } from '../transport/api-call.ts'
import type { ServerErrorMeaning } from '../../domain/routing/answer-words.ts'

type Characters = Dialect['character']

/** How this server creates characters; null if it has none. */
export function characterCalls(
  traits: Traits,
  createServerError: ServerErrorMeaning,
  refine?: Refine,
): Characters {
  const decode = (read: (answer: ReceivedAnswer) => CharacterOutcome | null) => {
    return (answer: ReceivedAnswer, { description }: CreateCharacterRequest): CharacterOutcome => {
      const outcome = answer.status >= 200 && answer.status < 300 ? read(answer) : null
      const rules = {
        createServerError,
        echoes: [description],
        receivedAt: answer.receivedAt,
        ...(refine !== undefined && { refine }),
      }
      return outcome ?? characterVerdict(answer, rules)
    }
  }
  switch (traits.characters) {
    case 'none':
      return null
    case 'videos':
      return {
        takesJobs: false,
        encode: (request) => videosCall(byClip(request)),
        decode: decode(readVideos),
        poll: null,
      }
    case 'sora_v1': {
      const encode = (request: CreateCharacterRequest) => soraCall(byClip(request), traits)
      return { takesJobs: true, encode, decode: decode(readHandle), poll: null }
    }
    case 'job': {
      const encode = (request: CreateCharacterRequest) => jobCall(byClip(request), traits)
      const poll = { encode: jobPoll, decode: decodePoll }
      return { takesJobs: true, encode, decode: decode(readJob), poll }
    }
  }
}

/** Routing asks these servers for characters with a clip only. */
function byClip({ clip, span, ...request }: CreateCharacterRequest): InlineCharacter {
  if (clip === null || span === null) throw new Error('These servers create characters from clips.')
  return { ...request, clip, span }
}

/**
 * POST /videos/characters, multipart `name` (1-80) and `video` (docs/vendors/openai-videos.md#characters). It does not
 * accept a finished job.
 */
function videosCall({ name, clip }: InlineCharacter): ApiCall {
  const parts = [
    { name: 'name', value: name.slice(0, 80) },
    { name: 'video', file: clip },
  ]
  return { method: 'POST', path: '/videos/characters', body: { type: 'multipart', parts } }
}

/** The handle is the id, which may be null by the schema: such a character exists but cannot be referred to. */
function readVideos({ body }: ReceivedAnswer): CharacterOutcome | null {
  const id = characterSchema.safeParse(parseJson(body)).data?.id
  return id === undefined ? null : { type: 'ready', handle: id }
}

/**
 * POST /sora/v1/characters beside /v1 (docs/vendors/resellers.md#characters-at-once). A finished job is preferred,
 * because resellers often cannot fetch a URL (docs/vendors/failure-modes.md#clip-out-of-reach).
 */
function soraCall(request: InlineCharacter, traits: Traits): ApiCall {
  const { url, from_task: job, timestamps } = sourceOf(request)
  const value: { [key: string]: Json } = {}
  if (traits.character_model !== null) value['model'] = traits.character_model
  if (job === undefined) value['url'] = url
  else value['from_task'] = job
  value['timestamps'] = timestamps
  return {
    method: 'POST',
    path: '/sora/v1/characters',
    below: 'parent',
    body: { type: 'json', value },
  }
}

/**
 * Prompts refer to a character by its `username`; some vendors return only an id, and accept that
 * (docs/vendors/resellers.md#mentions-of-characters).
 */
function readHandle({ body }: ReceivedAnswer): CharacterOutcome | null {
  const { id, username } = characterSchema.safeParse(parseJson(body)).data ?? {}
  const handle = username ?? id
  return handle === undefined ? null : { type: 'ready', handle }
}

/** POST /videos with a model that creates characters (docs/vendors/resellers.md#characters-by-job). */
function jobCall(request: InlineCharacter, traits: Traits): ApiCall {
  const { url, from_task: job, timestamps } = sourceOf(request)
  const fields: Record<string, string> = { model: traits.character_model ?? 'sora-2-character' }
  if (job === undefined) fields['character_url'] = url
  else fields['character_from_task'] = job
  fields['character_timestamps'] = timestamps
  if (traits.encoding !== 'multipart')
    return { method: 'POST', path: '/videos', body: { type: 'json', value: fields } }
  const parts = Object.entries(fields).map(([name, value]) => ({ name, value }))
  return { method: 'POST', path: '/videos', body: { type: 'multipart', parts } }
}

function readJob(answer: ReceivedAnswer): CharacterOutcome | null {
  const { id, username } = characterSchema.safeParse(parseJson(answer.body)).data ?? {}
  if (username !== undefined) return { type: 'ready', handle: username }
  if (id === undefined) return null
  return { type: 'pending', operation: { id }, retryAfterMs: pollAfter(answer.headers, answer.receivedAt) }
}

function jobPoll(operation: Json): ApiCall {
  return { method: 'GET', path: videoPath(operation), body: null }
}

/** 404 means "not yet"; the character is ready once `username` is set (docs/vendors/resellers.md#characters-by-job). */
function decodePoll(answer: ReceivedAnswer, operation: Json): CharacterOutcome {
  const retryAfterMs = pollAfter(answer.headers, answer.receivedAt)
  const pending = { type: 'pending', operation, retryAfterMs } as const
  if (answer.status === 404) return pending
  const isRead = answer.status < 300
  const character = isRead ? characterSchema.safeParse(parseJson(answer.body)).data : undefined
  if (character === undefined) return unreadCharacter(answer)
  const { username, status, error } = character
  if (username !== undefined) return { type: 'ready', handle: username }
  const meaning = meaningOf(status ?? '')
  if (meaning === 'refused') return { type: 'refused', message: status ?? '' }
  const hasEnded = meaning === 'failed' || meaning === 'cancelled' || meaning === 'expired'
  return hasEnded ? characterFailure(error, 'The upstream did not create the character.') : pending
}

function sourceOf({ clip, span, fromJob }: InlineCharacter) {
  return {
    url: clip.url,
    from_task: operationSchema.safeParse(fromJob).data?.id,
    timestamps: timestampsOf(span),
  }
}
