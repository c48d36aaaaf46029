import { z } from 'zod'
import type { Login } from './login.ts'
import { CliError, exitCodes } from './output/terminal.ts'
import type { ExitCode } from './output/terminal.ts'

const problem = z.object({
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  excluded: z.array(z.object({ upstream: z.string(), detail: z.string() })).optional(),
})

export interface Api {
  /** The body of a success, as `answer` reads it. Throws `CliError` for anything else. */
  call<T>(answer: z.ZodType<T>, method: string, path: string, body?: object): Promise<T>
  /** The answer itself, for streams. */
  open(path: string, headers?: Record<string, string>): Promise<Response>
}

/** The gateway's API for one run. Connections are cut when `signal` aborts. */
export function createApi({ url, key }: Login, signal: AbortSignal): Api {
  async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${key}`)
    let response: Response
    try {
      response = await fetch(`${url}${path}`, { ...init, method, headers, signal, redirect: 'error' })
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
    async call(answer, method, path, body) {
      const isForm = body instanceof FormData
      const response = await send(method, path, {
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
        ...(body !== undefined && !isForm && { headers: { 'content-type': 'application/json' } }),
      })
      const parsed = answer.safeParse(await response.json().catch(() => null))
      if (parsed.success) return parsed.data
      throw new CliError(
        exitCodes.failed,
        `The response of ${url} is not from an Understudy gateway of this version.`,
      )
    },
    open: (path, headers = {}) => send('GET', path, { headers }),
  }
}

async function refusal(response: Response): Promise<CliError> {
  const parsed = problem.safeParse(await response.json().catch(() => null)).data
  const lines = [parsed?.detail ?? `The gateway responded with status ${response.status}.`]
  for (const { pointer, detail } of parsed?.errors ?? [])
    if (parsed?.detail.includes(detail) === false) lines.push(`  ${pointer} ${detail}`)
  for (const { upstream, detail } of parsed?.excluded ?? []) lines.push(`  ${upstream}: ${detail}`)
  return new CliError(codeOf(response.status), lines.join('\n'))
}

function codeOf(status: number): ExitCode {
  if (status === 401 || status === 403) return exitCodes.denied
  return status < 500 ? exitCodes.refused : exitCodes.failed
}
