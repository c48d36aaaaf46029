import type { Json } from '../../domain/json.ts'
import type { CancelOutcome } from '../../domain/attempts/outcome.ts'
import { isInlineVideo } from '../answers/inline-video.ts'
import { parseJson } from '../answers/json-body.ts'
import { firstRefinement, meaningsWith, refineByWords } from '../answers/verdicts/own-words.ts'
import { meaningOf } from '../answers/verdicts/status-words.ts'
import { readVendorError } from '../answers/verdicts/vendor-error.ts'
import type { Dialect, ReceivedAnswer } from '../dialect.ts'
import { refineLitellm } from './litellm-answers.ts'
import { characterCalls } from './character.ts'
import { createCall, decodeCreate } from './create.ts'
import { decodeDerive, deriveCall } from './derive.ts'
import { decodePoll, resultSchema, videoPath } from './job.ts'
import { decodeList, listCall } from './list.ts'
import { openaiProbes } from './probes.ts'
import { profileHeaders, traitsOf } from './traits.ts'
import type { ProfileName, Traits } from './traits.ts'
import { deletionSchema } from './wire.ts'
import type { UpstreamSettings } from '../settings.ts'
import { severalWorkersHint } from './several-workers.ts'
import type { DownloadTarget } from '../transport/download.ts'
import type { ApiCall } from '../transport/api-call.ts'

/** The OpenAI Videos protocol (docs/vendors/openai-videos.md#endpoints), below a base URL that usually ends in `/v1`. */
export function createOpenaiVideos(settings: UpstreamSettings, profile: ProfileName): Dialect {
  const { spec, createServerError } = settings
  const traits = traitsOf(profile, settings.traits)
  const own = refineByWords(settings.answers)
  const refine = profile === 'litellm' ? firstRefinement(own, refineLitellm) : own
  const meanings = meaningsWith(settings.answers)
  const rules = { createServerError, refine }
  return {
    ...headersOf(traits, profile),
    mention: (character) => mentionOf(character, traits),
    create: {
      encode: (request) => createCall(request, traits),
      decode: (answer, request) => decodeCreate(answer, request, rules),
    },
    ...(traits.sources !== 'none' && {
      derive: {
        encode: (request, source) => deriveCall(request, source, traits),
        decode: (answer, request) => decodeDerive(answer, request, rules),
      },
    }),
    jobNamed: (id) => ({ id }),
    poll: {
      encode: pollCall,
      decode: (answer, operation) =>
        decodePoll(answer, { content: traits.content, refine, meanings }, operation),
    },
    locate(operation, result) {
      const { url, expiresAt, others = [], inline = false } = resultSchema.parse(result)
      const content: DownloadTarget = { type: 'path', path: `${videoPath(operation)}/content` }
      const named = [url, ...others]
        .filter((each) => each !== null)
        .map((each) => ({ type: 'url', url: each }) as const)
      if (inline)
        return {
          targets: [{ type: 'inline', call: pollCall(operation), isVideo: isInlineVideo }, ...named],
          expiresAt,
        }
      if (traits.content === 'url' || traits.content === 'json') return { targets: named, expiresAt }
      return { targets: url === null ? [content, ...named] : [...named, content], expiresAt }
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
    probes: openaiProbes(traits, rules),
    character: spec.characters === 'native' ? characterCalls(traits, createServerError, refine) : null,
    knowsStatus: (word) => meanings(word) !== null,
  }
}

function pollCall(operation: Json): ApiCall {
  return { method: 'GET', path: videoPath(operation), body: null }
}

function headersOf({ auth }: Traits, profile: ProfileName): Pick<Dialect, 'headers'> {
  const fixed = profileHeaders[profile]
  if (auth !== 'api-key' && fixed === undefined) return {}
  return {
    headers: (apiKey) => ({
      ...fixed,
      ...(apiKey !== null &&
        (auth === 'api-key' ? { 'api-key': apiKey } : { authorization: `Bearer ${apiKey}` })),
    }),
  }
}

/**
 * With the protocol's own characters the prompt contains the name verbatim, and the id goes into `characters`
 * (docs/vendors/openai-videos.md#characters). A clip sent as reference has no name there either. Resellers expect
 * `@handle` followed by a space, without braces (docs/vendors/resellers.md#mentions-of-characters).
 */
function mentionOf({ handle, name }: { handle: string; name: string }, { characters }: Traits): string {
  return characters === 'sora_v1' || characters === 'job' ? `@${handle} ` : name
}

/**
 * The protocol has no cancel. A delete ends a running job on some servers. On the official ones it only deletes a
 * finished, paid job, so nothing is sent there (docs/vendors/openai-videos.md#delete-a-video,
 * docs/vendors/self-hosted-servers.md). SGLang returns the video with the status `deleted`.
 */
function decodeCancel(answer: ReceivedAnswer): CancelOutcome {
  const deletion = deletionSchema.safeParse(parseJson(answer.body))
  if (answer.status < 300 && deletion.success) {
    const { deleted, status } = deletion.data
    if (deleted === true || meaningOf(status ?? '') === 'cancelled') return { type: 'cancelled' }
  }
  if (answer.status === 405 || answer.status === 501) return { type: 'unsupported' }
  const message = severalWorkersHint(answer) ?? readVendorError(answer).message
  return { type: 'not_cancelled', message: message === '' ? `HTTP ${answer.status}` : message }
}
