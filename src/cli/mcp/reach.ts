import { setTimeout as pause } from 'node:timers/promises'
import type { z } from 'zod'
import { createApi, RefusedError } from '../gateway/api.ts'
import type { Api } from '../gateway/api.ts'
import type { Login } from '../login.ts'
import { CliError, exitCodes } from '../output/terminal.ts'

const pauseMs = 1000
const readMs = 30_000

interface Limits {
  ms: number
  /** Of the caller. The end of the process ends the requests too. */
  signal?: AbortSignal
}

/** The gateway for a process that makes many calls at once, each with limits of its own. */
export interface Reach {
  readonly url: string
  /** Runs requests until the limits. Throws a CliError where the time is over, and the reason of the signal where it is aborted. */
  within<T>(limits: Limits, work: (api: Api) => Promise<T>): Promise<T>
  /** A request that changes nothing. Repeated while the gateway sheds load, for half a minute at most. */
  read<T>(path: string, answer: z.ZodType<T>, signal?: AbortSignal): Promise<T>
}

export function createReach(login: Login, ended: AbortSignal): Reach {
  const { url } = login

  async function within<T>({ ms, signal }: Limits, work: (api: Api) => Promise<T>): Promise<T> {
    const late = AbortSignal.timeout(ms)
    const end = AbortSignal.any([late, ended, ...(signal === undefined ? [] : [signal])])
    try {
      return await work(createApi(login, end))
    } catch (error) {
      if (error instanceof RefusedError || !end.aborted) throw error
      if (end.reason !== late.reason) throw end.reason
      throw new CliError(exitCodes.timedOut, `${url} did not answer within ${ms / 1000} seconds.`, error)
    }
  }

  return {
    url,
    within,
    read: (path, answer, signal) =>
      within({ ms: readMs, ...(signal !== undefined && { signal }) }, (api) =>
        whileShed(() => api.call('GET', path, answer), Date.now() + readMs - pauseMs, signal),
      ),
  }
}

/** Repeats what the gateway has not processed because it is busy, until `until` (milliseconds since 1970). */
export async function whileShed<T>(
  request: () => Promise<T>,
  until: number,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (!wasShed(error) || Date.now() + pauseMs >= until) throw error
    }
    await pause(pauseMs, undefined, signal === undefined ? {} : { signal })
  }
}

/** Whether the gateway has rejected a request before it processed it. */
export function wasShed(error: unknown): boolean {
  return error instanceof RefusedError && (error.status === 429 || error.code === 'overloaded')
}
