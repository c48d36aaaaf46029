import type { CancelOutcome } from '../domain/outcome.ts'
import { parseJson } from './answers/json-body.ts'
import { meaningOf } from './answers/status-words.ts'
import { readVendorError } from './answers/vendor-error.ts'
import type { Dialect, ReceivedAnswer } from './dialect.ts'
import { characterCalls } from './openai-videos-character.ts'
import { createCall, decodeCreate } from './openai-videos-create.ts'
import { decodeDerive, deriveCall } from './openai-videos-derive.ts'
import { decodePoll, resultSchema, videoPath } from './openai-videos-job.ts'
import { decodeList, listCall } from './openai-videos-list.ts'
import { traitsOf } from './openai-videos-traits.ts'
import type { ProfileName, Traits } from './openai-videos-traits.ts'
import { deletionSchema } from './openai-videos-wire.ts'
import type { UpstreamSettings } from './settings.ts'

/** The OpenAI Videos protocol (official-api.md §2 and §8), below a base URL that ends in `/v1` or the like. */
export function createOpenaiVideos(settings: UpstreamSettings, profile: ProfileName): Dialect {
  const { spec, createServerError } = settings
  const traits = traitsOf(profile, settings.traits)
  return {
    ...(traits.auth === 'api-key' && { headers: apiKeyHeader }),
    mention: (character) => mentionOf(character, traits),
    create: {
      encode: (request) => createCall(request, traits),
      decode: (answer, request) => decodeCreate(answer, request, createServerError),
    },
    ...(traits.sources !== 'none' && {
      derive: {
        encode: (request, source) => deriveCall(request, source, traits),
        decode: (answer, request) => decodeDerive(answer, request, createServerError),
      },
    }),
    poll: {
      encode: (operation) => ({ method: 'GET', path: videoPath(operation), body: null }),
      decode: (answer, operation) => decodePoll(answer, traits.content, operation),
    },
    locate(operation, result) {
      const { url, expiresAt } = resultSchema.parse(result)
      const path = `${videoPath(operation)}/content`
      return { target: url === null ? { type: 'path', path } : { type: 'url', url }, expiresAt }
    },
    cancel: traits.cancel
      ? {
          encode: (operation) => ({ method: 'DELETE', path: videoPath(operation), body: null }),
          decode: decodeCancel,
        }
      : null,
    list:
      traits.list === false
        ? null
        : { isAuthority: traits.list === true, encode: listCall, decode: decodeList },
    character: spec.characters === 'native' ? characterCalls(traits, createServerError) : null,
    knowsStatus: (word) => meaningOf(word) !== null,
  }
}

function apiKeyHeader(apiKey: string | null): Record<string, string> {
  return apiKey === null ? {} : { 'api-key': apiKey }
}

/**
 * With the protocol's own characters the name stands in the prompt verbatim, and the id goes into `characters` (official-api.md
 * §2.10); a clip that is shown has no name there either. Resellers want `@handle` with a blank after it, without braces
 * (reverse-dialects.md §6.2).
 */
function mentionOf({ handle, name }: { handle: string; name: string }, { characters }: Traits): string {
  return characters === 'sora_v1' || characters === 'job' ? `@${handle} ` : name
}

/**
 * The protocol has no cancel. A delete ends a running job on some servers; on the official ones it only ever takes away
 * a finished one, which was paid for, so there nothing is asked (official-api.md §2.5, §6.1). SGLang answers the video with the status `deleted`.
 */
function decodeCancel(answer: ReceivedAnswer): CancelOutcome {
  const deletion = deletionSchema.safeParse(parseJson(answer.body))
  if (answer.status < 300 && deletion.success) {
    const { deleted, status } = deletion.data
    if (deleted === true || meaningOf(status ?? '') === 'cancelled') return { type: 'cancelled' }
  }
  if (answer.status === 405 || answer.status === 501) return { type: 'unsupported' }
  const { message } = readVendorError(answer)
  return { type: 'not_cancelled', message: message === '' ? `answered ${answer.status}` : message }
}
