import type { components } from './schema.ts'

type Generation = components['schemas']['Generation']
type Problem = components['schemas']['Problem']

/** What the gateway calls a problem; `unreadable` for an answer that is not its own, such as a proxy's. */
export type ProblemCode = Problem['code'] | 'unreadable'

/** The gateway did not do what was asked, and says why. */
export class UnderstudyError extends Error {
  override readonly name = 'UnderstudyError'
  readonly status: number
  /** Stable: match on this one. */
  readonly code: ProblemCode
  readonly requestId: string | null
  /** The faults of single fields, each with a JSON pointer into the body. */
  readonly faults: ReadonlyArray<{ pointer: string; detail: string }>
  /** Seconds to wait before trying again, where the gateway says so. */
  readonly retryAfterSeconds: number | null

  constructor(response: Response, problem: Partial<Problem> | undefined) {
    super(problem?.detail ?? `The gateway responded with status ${response.status}.`)
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
    this.status = response.status
    this.code = problem?.code ?? 'unreadable'
    this.requestId = problem?.request_id ?? response.headers.get('x-request-id')
    this.faults = problem?.errors ?? []
    this.retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null
  }
}

/** No answer came, also when asked again. `cause` is what `fetch` said. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  readonly code = 'unreachable'

  constructor(cause: unknown) {
    super(
      'The gateway cannot be reached. Check its address, the network and, in a browser, `server.cors_origins`.',
      { cause },
    )
  }
}

/** A generation ended without a video. `generation.error` says why, `code` is its code. */
export class GenerationFailedError extends Error {
  override readonly name = 'GenerationFailedError'
  readonly generation: Generation
  readonly code: NonNullable<Generation['error']>['code'] | Generation['status']

  constructor(generation: Generation) {
    super(generation.error?.message ?? `The generation ended as ${generation.status}.`)
    this.generation = generation
    this.code = generation.error?.code ?? generation.status
  }
}

/** The time given to `wait` is over. The generation goes on: wait again, or cancel it. */
export class WaitTimeoutError extends Error {
  override readonly name = 'WaitTimeoutError'
  readonly code = 'wait_timeout'
  readonly generationId: string

  constructor(generationId: string) {
    super(`${generationId} is not finished yet.`)
    this.generationId = generationId
  }
}
