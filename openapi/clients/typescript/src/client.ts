import createClient from 'openapi-fetch'
import type { Client } from 'openapi-fetch'
import { UnderstudyError } from './errors.ts'
import { formOf, generateForm } from './forms.ts'
import type { Upload } from './forms.ts'
import { withRetries } from './retry.ts'
import type { Effect, RetryOptions } from './retry.ts'
import type { components, paths } from './schema.ts'
import { wait } from './wait.ts'
import type { WaitOptions } from './wait.ts'

export { GenerationFailedError, UnderstudyError, UnreachableError, WaitTimeoutError } from './errors.ts'
export type { ProblemCode } from './errors.ts'
export type { Upload } from './forms.ts'
export type { RetryOptions } from './retry.ts'
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
  /** How often the helpers make a call again that is safe to repeat. */
  retry?: RetryOptions
  /** Another implementation of fetch, for tests and proxies. */
  fetch?: (request: Request) => Promise<Response>
}

export interface GenerateOptions {
  /** An image or a video to follow, instead of `reference` in the request. */
  reference?: Upload & { influence?: number }
  /**
   * The same key and request again get the first answer, for 24 hours. Each call makes one of its own, so that its retries pay once.
   * Set it to something that you keep, such as the id of an order, so that your own retries do so as well.
   */
  idempotencyKey?: string
  signal?: AbortSignal
}

export interface Understudy {
  /** Every operation of the API, typed from its OpenAPI document. Without retries, and without exceptions for problems. */
  readonly api: Client<paths>
  /** Asks for a video; resolves once the generation is stored. */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>
  /** The finished generation. @throws GenerationFailedError, WaitTimeoutError */
  wait(id: string, options?: WaitOptions): Promise<Generation>
  /** Both of these. If the waiting ends early, the generation goes on. */
  generateAndWait(request: GenerateRequest, options?: GenerateOptions & WaitOptions): Promise<Generation>
  /** Makes a character from a file. */
  uploadCharacter(
    fields: { name: string; description?: string; clip?: { start: number; end: number } },
    clip: Upload,
    options?: { signal?: AbortSignal },
  ): Promise<Character>
  /** The archived video as a stream of bytes. */
  download(id: string, options?: { signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>
}

/**
 * A client of one gateway. The helpers throw an `UnderstudyError` for each answer other than success, and an `UnreachableError` where
 * none came.
 */
export function createUnderstudy({ baseUrl, apiKey, retry = {}, fetch }: UnderstudyOptions): Understudy {
  const api = createClient<paths>({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    headers: { authorization: `Bearer ${apiKey}` },
    ...(fetch !== undefined && { fetch }),
  })
  const made = <T>(call: () => Promise<Answer<T>>, effect: Effect, signal: AbortSignal | undefined) =>
    withRetries(async () => taken(await call()), effect, retry, signal)

  async function ask(id: string, seconds: number, signal: AbortSignal): Promise<Generation> {
    const params = { path: { id }, query: { wait: seconds } }
    return taken(await api.GET('/generations/{id}', { params, signal }))
  }

  async function generate(
    request: GenerateRequest,
    { reference, idempotencyKey = newKey(), signal }: GenerateOptions = {},
  ): Promise<Generation> {
    const form = reference === undefined ? null : generateForm(request, reference)
    const init = {
      params: { header: { 'idempotency-key': idempotencyKey } },
      body: request,
      ...(form !== null && { bodySerializer: () => form }),
      ...(signal !== undefined && { signal }),
    }
    return made(() => api.POST('/generate', init), 'repeatable', signal)
  }

  const waitFor = (id: string, options: WaitOptions = {}) => wait(ask, id, options, retry.firstPauseMs ?? 500)

  return {
    api,
    generate,
    wait: waitFor,
    async generateAndWait(request, options = {}) {
      const { id } = await generate(request, options)
      return waitFor(id, options)
    },
    async uploadCharacter({ clip, ...fields }, upload, { signal } = {}) {
      const form = formOf({ ...fields, clip: clip && JSON.stringify(clip) })
      form.set('video', upload.content, upload.fileName)
      const init = {
        // The form is what is sent; `body` only says which of the two bodies this is.
        body: { ...fields, video: '' },
        bodySerializer: () => form,
        ...(signal !== undefined && { signal }),
      }
      return made(() => api.POST('/characters', init), 'once', signal)
    },
    async download(id, { signal } = {}) {
      const init = {
        params: { path: { id } },
        parseAs: 'stream',
        ...(signal !== undefined && { signal }),
      } as const
      return made(() => api.GET('/generations/{id}/video', init), 'repeatable', signal)
    },
  }
}

/** `crypto.randomUUID` is missing on pages that were not loaded by HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return `client-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The data of a success, or the problem of anything else as an error. */
function taken<T>(answer: Answer<T>): NonNullable<T> {
  if (answer.data !== undefined && answer.data !== null) return answer.data
  const { error } = answer
  throw new UnderstudyError(answer.response, typeof error === 'object' && error !== null ? error : undefined)
}
