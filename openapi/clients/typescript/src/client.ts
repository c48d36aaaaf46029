import createClient from 'openapi-fetch'
import type { Client } from 'openapi-fetch'
import { UnderstudyError } from './errors.ts'
import type { components, paths } from './schema.ts'
import { waitForVideo } from './wait.ts'
import type { WaitOptions } from './wait.ts'

export { GenerationFailedError, UnderstudyError, WaitTimeoutError } from './errors.ts'
export type { components, operations, paths } from './schema.ts'
export type { WaitOptions } from './wait.ts'

type Schemas = components['schemas']
export type Character = Schemas['Character']
export type Generation = Schemas['Generation']
export type GenerateRequest = Schemas['GenerateRequest']
export type RoutePlan = Schemas['RoutePlan']

export interface UnderstudyOptions {
  /** Of the gateway, such as `https://understudy.example`. */
  baseUrl: string
  apiKey: string
  /** Another implementation of fetch, for tests and proxies. */
  fetch?: (request: Request) => Promise<Response>
}

/** A file to send; gateways want a name with it. */
export interface Upload {
  content: Blob
  fileName: string
}

export interface GenerateOptions {
  /** An image or a video to follow, instead of `reference` in the request. */
  reference?: Upload & { influence?: number }
  /** The same key and request again get the first answer, for 24 hours, so that a lost answer can be asked for again. */
  idempotencyKey?: string
  signal?: AbortSignal
}

export interface Understudy {
  /** Every operation of the API, typed from its OpenAPI document. */
  readonly api: Client<paths>
  /** Asks for a video; resolves once the generation is stored. */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>
  /** The finished generation. Throws `GenerationFailedError` or `WaitTimeoutError`. */
  waitForVideo(id: string, options?: WaitOptions): Promise<Generation>
  /** Makes a character from a file. */
  uploadCharacter(
    fields: { name: string; description?: string; clip?: { start: number; end: number } },
    clip: Upload,
    options?: { signal?: AbortSignal },
  ): Promise<Character>
  /** The archived video as a stream of bytes. */
  download(id: string, options?: { signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
}

/** A client of one gateway. Answers other than success are thrown as `UnderstudyError`, but for those of `api`. */
export function createUnderstudy({ baseUrl, apiKey, fetch }: UnderstudyOptions): Understudy {
  const api = createClient<paths>({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${apiKey}` },
    ...(fetch !== undefined && { fetch }),
  })

  async function ask(id: string, wait: number, signal: AbortSignal): Promise<Generation> {
    return taken(await api.GET('/generations/{id}', { params: { path: { id }, query: { wait } }, signal }))
  }

  return {
    api,
    async generate(request, { reference, idempotencyKey, signal } = {}) {
      const common = {
        params: idempotencyKey === undefined ? {} : { header: { 'idempotency-key': idempotencyKey } },
        ...(signal !== undefined && { signal }),
      }
      if (reference === undefined) return taken(await api.POST('/generate', { ...common, body: request }))
      const form = generateForm(request, reference)
      return taken(await api.POST('/generate', { ...common, body: request, bodySerializer: () => form }))
    },
    waitForVideo: (id, options) => waitForVideo(ask, id, options),
    async uploadCharacter({ clip, ...fields }, upload, { signal } = {}) {
      const form = formOf({ ...fields, clip: clip && JSON.stringify(clip) })
      form.set('video', upload.content, upload.fileName)
      return taken(
        await api.POST('/characters', {
          // The form is what is sent; `body` only says which of the two bodies this is.
          body: { ...fields, video: '' },
          bodySerializer: () => form,
          ...(signal !== undefined && { signal }),
        }),
      )
    },
    async download(id, { signal } = {}) {
      const answer = await api.GET('/generations/{id}/video', {
        params: { path: { id } },
        parseAs: 'stream',
        ...(signal !== undefined && { signal }),
      })
      return taken(answer)
    },
  }
}

/** Flat fields, as the gateway's forms have them. */
function generateForm(request: GenerateRequest, file: Upload & { influence?: number }): FormData {
  const { routing, metadata, webhook_events: events, reference: _url, ...others } = request
  const { references, options, first_frame: first, last_frame: last, ...fields } = others
  const form = formOf({
    ...fields,
    references: references && JSON.stringify(references),
    options: options && JSON.stringify(options),
    first_frame_image_url: first?.image_url,
    last_frame_image_url: last?.image_url,
    routing: routing && JSON.stringify(routing),
    metadata: metadata && JSON.stringify(metadata),
    webhook_events: events && JSON.stringify(events),
    reference_influence: file.influence,
  })
  form.set('reference', file.content, file.fileName)
  return form
}

function formOf(fields: Record<string, string | number | boolean | undefined>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, String(value))
  return form
}

/** The data of a success, or the problem of anything else as an error. */
function taken<T>(answer: { data?: T; error?: unknown; response: Response }): NonNullable<T> {
  if (answer.data !== undefined && answer.data !== null) return answer.data
  const { error } = answer
  throw new UnderstudyError(answer.response, typeof error === 'object' && error !== null ? error : undefined)
}
