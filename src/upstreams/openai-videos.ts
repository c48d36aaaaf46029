import type { CancelOutcome } from '../domain/outcome.ts'
import { parseJson } from './answers/json-body.ts'
import { meaningOf } from './answers/status-words.ts'
import { readVendorError } from './answers/vendor-error.ts'
import type { Dialect, ReceivedAnswer } from './dialect.ts'
import { characterCall, decodeCharacter } from './openai-videos-character.ts'
import { createCall, decodeCreate } from './openai-videos-create.ts'
import type { CreateEncoding } from './openai-videos-create.ts'
import { decodeDerive, deriveCall } from './openai-videos-derive.ts'
import { decodePoll, operationSchema, resultSchema, videoPath } from './openai-videos-job.ts'
import { decodeList, listCall } from './openai-videos-list.ts'
import { deletionSchema } from './openai-videos-wire.ts'
import type { UpstreamSettings } from './settings.ts'

/**
 * `openai`: multipart always, as the newest SDKs send it (official-api.md §2.2). `generic`: JSON when there is no file, for
 * servers that read multipart only with one.
 */
const encodings: Record<'openai' | 'generic', CreateEncoding> = {
  openai: 'multipart',
  generic: 'json_without_file',
}

/** The OpenAI Videos protocol (official-api.md §2 and §8), below a base URL that ends in `/v1` or the like. */
export function createOpenaiVideos(settings: UpstreamSettings, profile: 'openai' | 'generic'): Dialect {
  const hasCharacters = settings.spec.characters === 'native'
  return {
    // The name must stand in the prompt verbatim; the id goes into `characters` (official-api.md §2.10).
    mention: ({ name }) => name,
    create: {
      encode: (request) => createCall(request, encodings[profile]),
      decode: (answer, request) => decodeCreate(answer, request, settings.createServerError),
    },
    derive: {
      encode: deriveCall,
      decode: (answer, request) => decodeDerive(answer, request, settings.createServerError),
    },
    poll: {
      encode: (operation) => ({ method: 'GET', path: videoPath(operation), body: null }),
      decode: decodePoll,
    },
    locate(operation, result) {
      const { url, expiresAt } = resultSchema.parse(result)
      const { id } = operationSchema.parse(operation)
      return {
        target:
          url === null
            ? { type: 'path', path: `/videos/${encodeURIComponent(id)}/content` }
            : { type: 'url', url },
        expiresAt,
      }
    },
    cancel:
      profile === 'openai'
        ? null
        : {
            encode: (operation) => ({ method: 'DELETE', path: videoPath(operation), body: null }),
            decode: decodeCancel,
          },
    list: { encode: listCall, decode: decodeList },
    character: hasCharacters
      ? {
          takesJobs: false,
          encode: characterCall,
          decode: (answer, request) => decodeCharacter(answer, request, settings.createServerError),
        }
      : null,
    knowsStatus: (word) => meaningOf(word) !== null,
  }
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
