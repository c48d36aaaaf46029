import type { Agent, Dispatcher } from 'undici'
import type {
  RemoteAnswer,
  RemoteFailure,
  RemoteFetch,
  RemoteMedia,
} from '../../../ports/media/remote-media.ts'
import { checkRemoteUrl, createAllowList } from './address-guard.ts'
import { createGuardedAgent, ForbiddenAddress } from './guarded-agent.ts'
import type { GuardedAgentOptions } from './guarded-agent.ts'
import { NameError } from './resolver.ts'
import { pacedBody } from '../bodies/paced-body.ts'
import type { LeastRate, Pace } from '../bodies/paced-body.ts'
import { codeOf } from '../send-error.ts'
import { flatten } from '../exchange.ts'

export interface GuardedFetchOptions extends GuardedAgentOptions {
  maxRedirects: number
  /**
   * Whether a redirect may go from https to http. For results of vendors, where losing a paid video is worse. Default:
   * false.
   */
  downgrades?: boolean
  /** Absent: only the deadline limits how slow a file may be. */
  leastRate?: LeastRate | undefined
}

const redirects = new Set([301, 302, 303, 307, 308])
/** undici's error code. */
const lateHeaders = 'UND_ERR_HEADERS_TIMEOUT'
const givenUp = 'The request was cancelled.'

/**
 * The guarded fetch. Addresses are checked when the connection is made, so DNS rebinding has no effect; a name that has
 * any private address is rejected. Every redirect is checked like the first URL. No cookies, no credentials, no
 * compression; one request per connection. Messages contain no addresses.
 */
export function createRemoteMedia(options: GuardedFetchOptions): RemoteMedia & { close(): Promise<void> } {
  const allow = createAllowList(options.allowPrivateHosts)
  const { agent, close } = createGuardedAgent(allow, options)
  // undici restarts its header timer with every 1xx response; this one covers all of them and the connection.
  const headersMs = options.connectMs + options.headersMs

  return {
    async fetch(url, signal) {
      let target = url
      for (let hop = 0; hop <= options.maxRedirects; hop++) {
        const verdict = checkRemoteUrl(target, allow)
        if (verdict.type === 'invalid') return failed(verdict.message)
        if (verdict.type === 'forbidden') return verdict
        // undici also connects for a request that is already aborted.
        if (signal.aborted) return failed(givenUp)
        const answer = await get(agent, target, headersMs, signal)
        if (answer.type !== 'answer') return answer
        const next = redirection(answer.response, target)
        if (next === null)
          return opened(answer.response, { idleMs: options.bodyIdleMs, leastRate: options.leastRate })
        discard(answer.response)
        if (options.downgrades !== true && isDowngrade(target, next))
          return { type: 'forbidden', message: 'The URL redirects from https to http.' }
        target = next
      }
      return failed('The URL redirects too many times.')
    },
    close,
  }
}

type Refusal = { type: RemoteFailure; message: string }
type Answer = { type: 'answer'; response: Dispatcher.ResponseData } | Refusal

async function get(agent: Agent, url: string, headersMs: number, signal: AbortSignal): Promise<Answer> {
  const { origin, pathname, search } = new URL(url)
  const headers = new AbortController()
  const late = setTimeout(() => headers.abort(), headersMs)
  try {
    const response = await agent.request({
      origin,
      path: `${pathname}${search}`,
      method: 'GET',
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'understudy' },
      signal: AbortSignal.any([signal, headers.signal]),
    })
    // Without this listener, an abort or reset before the first read would be an uncaught exception.
    response.body.on('error', () => undefined)
    return { type: 'answer', response }
  } catch (error) {
    if (error instanceof ForbiddenAddress) return { type: 'forbidden', message: error.message }
    if (signal.aborted) return failed(givenUp)
    if (error instanceof NameError) return failed(error.message)
    return failed(`The URL could not be fetched (${headers.signal.aborted ? lateHeaders : codeOf(error)}).`)
  } finally {
    clearTimeout(late)
  }
}

/** The target of a redirect, relative to the URL it came from; null for any other response. */
function redirection({ statusCode, headers }: Dispatcher.ResponseData, from: string): string | null {
  const location = headers['location']
  if (!redirects.has(statusCode) || typeof location !== 'string') return null
  return URL.parse(location, from)?.href ?? location
}

/** A caller who gave an https URL must not receive content that was sent in the clear. */
function isDowngrade(from: string, to: string): boolean {
  return URL.parse(from)?.protocol === 'https:' && URL.parse(to)?.protocol === 'http:'
}

function opened(response: Dispatcher.ResponseData, pace: Pace): RemoteFetch {
  const { statusCode: status, headers, body } = response
  const answer: RemoteAnswer = { status, headers: flatten(headers) }
  const refused = refusalOf(response)
  if (refused !== null) {
    discard(response)
    return { ...failed(refused), answer }
  }
  const length = headers['content-length']
  const contentType = headers['content-type']
  return {
    type: 'body',
    body: pacedBody(body, pace),
    bytes: typeof length === 'string' ? Number(length) : null,
    contentType: typeof contentType === 'string' ? contentType : null,
    answer,
  }
}

/** Why a response is not the whole file. A 206 to a request without a range is only a part of it. */
function refusalOf({ statusCode, headers }: Dispatcher.ResponseData): string | null {
  if (redirects.has(statusCode)) return 'The URL redirects without a valid target.'
  if (statusCode < 200 || statusCode > 299 || statusCode === 206) {
    return `The URL responded with status ${statusCode}.`
  }
  const encoding = headers['content-encoding']
  return encoding === undefined || encoding === '' || encoding === 'identity'
    ? null
    : 'The server sent the file with an unsupported Content-Encoding.'
}

function discard(response: Dispatcher.ResponseData): void {
  response.body.destroy()
}

function failed(message: string): Refusal {
  return { type: 'failed', message }
}
