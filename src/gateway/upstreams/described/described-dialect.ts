import type { Json } from '../../domain/json.ts'
import type { CreateOutcome } from '../../domain/attempts/outcome.ts'
import type { UpstreamSpec } from '../../domain/routing/upstream.ts'
import type { CreateRequest } from '../../ports/upstream.ts'
import { createVerdict } from '../answers/verdicts/create-verdict.ts'
import { textsOf } from '../answers/echoes.ts'
import { isInlineVideo } from '../answers/inline-video.ts'
import { parseJson } from '../answers/json-body.ts'
import { firstRefinement, meaningsWith, refineByWords } from '../answers/verdicts/own-words.ts'
import { triesTold } from '../answers/several-tries.ts'
import { wireId, wireText } from '../answers/wire-fields.ts'
import type { Dialect, PreparedValues, ReceivedAnswer, Unsupported } from '../dialect.ts'
import type { UpstreamSettings } from '../settings.ts'
import type { DownloadTarget } from '../transport/download.ts'
import type { ApiCall } from '../transport/api-call.ts'
import { askingCall, buildCall } from './build-call.ts'
import { createValues, requestValues } from './create-values.ts'
import { describedCharacters } from './described-characters.ts'
import { describedList } from './described-list.ts'
import { describedProbes } from './described-probes.ts'
import { describedPoll, resultSchema } from './described-poll.ts'
import type { Description } from './description/description-parts.ts'
import { describedCancel } from './described-cancel.ts'
import { filesOf, naming, preparing } from './described-preparation.ts'
import { explainedBy } from './description/report-fault.ts'
import { firstOf, readsAsked } from './expressions/expression.ts'
import { operationOf, operationValues } from './operation.ts'
import { readerOf } from './plug-ins.ts'
import { refineBy } from './description/refine.ts'
import { fillPath, fillText } from './expressions/template.ts'
import { unsaidInput } from '../unsaid-input.ts'
import { namesUsedBy } from './description/used-names.ts'
import { wordsOf } from './expressions/words.ts'

export type DialectSettings = Pick<UpstreamSettings, 'spec' | 'createServerError' | 'answers' | 'keyPair'>

/** A dialect that consists of a description only. */
export function createDescribedDialect(settings: DialectSettings, description: Description): Dialect {
  const { spec, createServerError } = settings
  const { create, content, list, characters, errors, cancel } = description
  const explained = explainedBy(description.error_at)
  const read = readerOf(description.answers)
  const meanings = meaningsWith(settings.answers)
  const words = wordsOf(description.poll.words, meanings)
  const refine = firstRefinement(refineByWords(settings.answers), refineBy(errors))
  const headers = headersOf(description)
  const used = namesUsedBy(description)

  return {
    ...(headers !== null && { headers }),
    ...signingOf(description),
    ...(description.request_id_header !== undefined && { requestIdHeader: description.request_id_header }),
    ...(create.idempotency_header !== undefined && { idempotencyHeader: create.idempotency_header }),
    ...imageMentions(description),
    mention({ handle, name, position = 1 }) {
      const mention = characters?.mention
      if (mention === undefined) return `@${handle} `
      return fillText(mention, { handle, name, position })
    },
    create: {
      encode: (request, prepared = {}) => encodeCreate(description, request, { spec, used, prepared }),
      decode: (answer, request, prepared = {}) => {
        const rules = { createServerError, echoes: textsOf(request), receivedAt: answer.receivedAt, refine }
        const whole = read(answer)
        return (
          accepted(description, whole, { request, spec, prepared }) ?? createVerdict(explained(whole), rules)
        )
      },
    },
    ...preparing(description, settings, { refine, read, explained }),
    ...naming(description),
    jobNamed: (id, request) => operationNamed(description, id, request, spec),
    poll: describedPoll({ description, words, refine, read, explained }),
    locate(operation, result) {
      const { url, expiresAt, others, inline, kept } = resultSchema.parse(result)
      const values = { ...kept, ...operationValues(operation) }
      const path = content === undefined ? null : fillPath(content.path, values)
      const named = [url, ...others]
        .filter((each) => each !== null)
        .map((each) => ({ type: 'url', url: each }) as const)
      const call = askingCall(description.result ?? description.poll, operationValues(operation))
      const targets: DownloadTarget[] = [
        ...(inline ? [{ type: 'inline', call, isVideo: isInlineVideo } as const] : []),
        ...named,
        ...(path === null ? [] : [{ type: 'path', path } as const]),
      ]
      if (targets.length === 0)
        throw new Error('The stored result has no video URL, and the dialect has no content path.')
      return { targets, expiresAt }
    },
    cancel: cancel === undefined ? null : describedCancel(cancel, description.poll, read),
    list: list === undefined ? null : describedList(list, list.keep ?? create.keep, read),
    probes: describedProbes(description, { createServerError, refine, read, explained }),
    character:
      spec.characters === 'native' && characters !== undefined && canSign(description, settings)
        ? describedCharacters(characters, { createServerError, refine, read, explained })
        : null,
    knowsStatus: (word) => words.knows(word),
  }
}

function imageMentions({ create: { image_mention: mention } }: Description): Pick<Dialect, 'imageMention'> {
  return mention === undefined ? {} : { imageMention: (position) => fillText(mention, { position }) }
}

/** A reference or clip that the create cannot send is rejected, never dropped silently. */
function encodeCreate(
  description: Description,
  request: CreateRequest,
  { spec, used, prepared }: { spec: UpstreamSpec; used: ReadonlySet<string>; prepared: PreparedValues },
): ApiCall | Unsupported {
  const { reference, inlineCharacters } = request
  const kind = reference?.kind ?? null
  const shows = (words: readonly string[]) => words.some((word) => used.has(word))
  if (kind !== null && !shows(['reference', `${kind}s`, `${kind}_files`]))
    return unsupported(`The ${spec.dialect} protocol does not support a reference ${kind}.`)
  const most = description.create.inline_characters
  if (inlineCharacters.length > most)
    return unsupported(
      `The ${spec.dialect} protocol supports ${most === 0 ? 'no' : `at most ${most}`} characters in a request.`,
    )
  const unsaid = unsaidInput(request.inputs, used)
  if (unsaid !== null) return unsupported(`The ${spec.dialect} protocol does not support ${unsaid}.`)
  const values = createValues(description, request, spec, prepared)
  if (typeof values === 'string') return unsupported(values)
  const call = buildCall(description.create, values, filesOf(request))
  if (call === null) return unsupported('A placeholder in the path has no value.')
  const tooLarge = oversize(description, call)
  return tooLarge === null ? call : unsupported(`${tooLarge} is too large for the ${spec.dialect} protocol.`)
}

/** What of a body in base64 exceeds the limits of the description; null if nothing does. */
function oversize({ create }: Description, { body }: ApiCall): string | null {
  const { max_base64_bytes: most, max_base64_total_bytes: mostOfAll } = create
  const sizes = body?.type === 'json' ? (body.files ?? []).map(({ bytes }) => bytes) : []
  const large = sizes.find((bytes) => bytes > most)
  if (large !== undefined) return `A file of ${large} bytes (at most ${most})`
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0)
  return total > mostOfAll ? `The size of all files, ${total} bytes (at most ${mostOfAll}),` : null
}

function unsupported(message: string): Unsupported {
  return { type: 'unsupported', message }
}

/** The operation of a job without a response; null if the description stores values that only a response has. */
function operationNamed(
  description: Description,
  id: string,
  request: CreateRequest,
  spec: UpstreamSpec,
): Json | null {
  const values = createValues(description, request, spec, {})
  const asked = typeof values === 'string' ? requestValues(request, spec) : values
  return operationOf(id, description.create.keep, {}, asked)
}

/** A 2xx with an id and the other values that the description stores is accepted, whatever else it says. */
function accepted(
  description: Description,
  answer: ReceivedAnswer,
  { request, spec, prepared }: { request: CreateRequest; spec: UpstreamSpec; prepared: PreparedValues },
): CreateOutcome | null {
  if (answer.status < 200 || answer.status >= 300) return null
  const { create } = description
  const body = parseJson(answer.body)
  const told = [...create.id, ...Object.values(create.keep).flat(), ...(create.model ?? [])]
  const values = told.some(readsAsked) ? createValues(description, request, spec, prepared) : {}
  const asked = typeof values === 'string' ? requestValues(request, spec) : values
  const id = wireId.parse(firstOf(create.id, body, asked))
  const operation = id === undefined ? null : operationOf(id, create.keep, body, asked)
  if (id === undefined || operation === null) return null
  const model = wireText.parse(firstOf(create.model ?? [], body, asked)) ?? null
  const repeated = triesTold(answer.headers)
  return { type: 'accepted', job: { upstreamId: id, operation, model, ...(repeated > 0 && { repeated }) } }
}

/** Null if the bearer token is the only credential. */
function headersOf({
  auth,
  headers,
}: Description): ((apiKey: string | null) => Record<string, string>) | null {
  const { header, value: template } = auth ?? {}
  if (header === undefined && Object.keys(headers).length === 0) return null
  return (apiKey) => {
    const own = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    if (apiKey === null) return own
    return header === undefined || template === undefined
      ? { ...own, authorization: `Bearer ${apiKey}` }
      : { ...own, [header.toLowerCase()]: fillText(template, { key: apiKey }) }
  }
}

/** Without a key pair nothing is sent to a service. */
function canSign({ services }: Description, { keyPair = null }: DialectSettings): boolean {
  return keyPair !== null || Object.keys(services).length === 0
}

function signingOf({ auth, services }: Description): Pick<Dialect, 'signature' | 'services'> {
  const signed = Object.entries(services).map(
    ([name, { base_url: baseUrl, key_pair: signature }]) => [name, { baseUrl, signature }] as const,
  )
  return {
    ...(auth?.key_pair !== undefined && { signature: auth.key_pair }),
    ...(signed.length > 0 && { services: Object.fromEntries(signed) }),
  }
}
