import { z } from 'zod'
import type { Login } from '../login.ts'
import { CliError, exitCodes } from '../output/terminal.ts'
import type { ExitCode } from '../output/terminal.ts'

const problem = z.object({
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  excluded: z.array(z.object({ upstream: z.string(), detail: z.string() })).optional(),
})

/** An error response of the gateway. */
export class RefusedError extends CliError {
  readonly status: number
  /** The error code of the API; null if the response has none. */
  readonly code: string | null
  /** The faults of the request body, with JSON pointers. */
  readonly faults: ReadonlyArray<{ pointer: string; detail: string }>
  /** Why no upstream is suitable, one line each. */
  readonly notes: readonly string[]

  constructor(status: number, message: string, said: z.output<typeof problem> | undefined) {
    super(codeOf(status), message)
    this.status = status
    this.code = said?.code ?? null
    this.faults = said?.errors ?? []
    this.notes = notesOf(said)
  }
}

interface Sent {
  /** A form, or a value to send as JSON. */
  body?: object
  headers?: Record<string, string>
}

export interface Api {
  /** The address as the user gave it. */
  readonly url: string
  /**
   * Returns the body of a successful response, parsed by `answer`. Throws `RefusedError` for an error response, and
   * `CliError` if there is no response.
   */
  call<T>(method: string, path: string, answer: z.ZodType<T>, sent?: Sent): Promise<T>
  /** Deletes what is at the path. */
  remove(path: string): Promise<void>
  /** The response itself, for streams. */
  open(path: string, headers?: Record<string, string>): Promise<Response>
}

/** The gateway's API for one run. Aborting `signal` closes its connections. */
export function createApi({ url, key }: Login, signal: AbortSignal): Api {
  async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    let response: Response
    try {
      response = await fetch(`${url}${path}`, { redirect: 'error', ...init, method, headers, signal })
    } catch (error) {
      signal.throwIfAborted()
      throw new CliError(
        exitCodes.unreachable,
        `No gateway responds at ${url}. Check the address and that the gateway is running.`,
        error,
      )
    }
    if (response.ok) return response
    throw await refusal(response)
  }

  return {
    url,
    async call(method, path, answer, { body, headers = {} } = {}) {
      const isForm = body instanceof FormData
      const isJson = body !== undefined && !isForm
      const response = await send(method, path, {
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
        headers: { ...headers, ...(isJson && { 'content-type': 'application/json' }) },
      })
      const parsed = answer.safeParse(await response.json().catch(() => null))
      if (parsed.success) return parsed.data
      throw new CliError(
        exitCodes.failed,
        `The response of ${url} is not from an Understudy gateway of this version.`,
      )
    },
    async remove(path) {
      await send('DELETE', path)
    },
    // A gateway may send a download to its storage. `fetch` leaves the key out on the way to another origin.
    open: (path, headers = {}) => send('GET', path, { headers, redirect: 'follow' }),
  }
}

async function refusal(response: Response): Promise<RefusedError> {
  const parsed = problem.safeParse(await response.json().catch(() => null)).data
  const lines = [parsed?.detail ?? `The gateway responded with status ${response.status}.`]
  for (const { pointer, detail } of parsed?.errors ?? [])
    if (parsed?.detail.includes(detail) === false) lines.push(`  ${pointer} ${detail}`)
  return new RefusedError(response.status, [...lines, ...notesOf(parsed)].join('\n'), parsed)
}

function notesOf(said: z.output<typeof problem> | undefined): string[] {
  return (said?.excluded ?? []).map(({ upstream, detail }) => `  ${upstream}: ${detail}`)
}

function codeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.denied
  return status < 500 ? exitCodes.refused : exitCodes.failed
}
