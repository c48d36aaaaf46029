import type { Agent } from 'undici'
import type { PostOutcome, RemotePost } from '../../../ports/webhooks/remote-post.ts'
import { retryAfter } from '../retry-after.ts'
import { checkRemoteUrl, createAllowList } from './address-guard.ts'
import { flatten } from '../exchange.ts'
import { createGuardedAgent, ForbiddenAddress } from './guarded-agent.ts'
import type { GuardedAgentOptions } from './guarded-agent.ts'
import { NameError } from './resolver.ts'
import { codeOf } from '../send-error.ts'

/**
 * Up to this many bytes of a response are read and discarded, so that a receiver is not cut off while it explains an
 * error.
 */
const dumpedBytes = 16 * 1024
const dumpedMs = 1000

/** What a connection that its other end has closed fails with. */
const lost: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNABORTED', 'EPIPE'])

/**
 * POST to URLs of callers. Uses the same guard as the fetch, but follows no redirect: a payload signed for one URL is
 * not passed to another. Only the head of the response is used. Messages contain no addresses.
 *
 * Connections are lent out again. One that its receiver closes in that moment says nothing about the receiver, so the message
 * is sent once more on a new one. It may then have come twice, which receivers must expect anyway.
 */
export function createRemotePost(options: GuardedAgentOptions): RemotePost & { close(): Promise<void> } {
  const allow = createAllowList(options.allowPrivateHosts)
  const { agent, kept, isKept, close } = createGuardedAgent(allow, options)

  return {
    objection(url) {
      const verdict = checkRemoteUrl(url, allow)
      return verdict.type === 'ok' ? null : verdict.message
    },
    async post(url, message, signal) {
      const verdict = checkRemoteUrl(url, allow)
      if (verdict.type !== 'ok') return { type: 'forbidden', message: verdict.message }
      const mayBeUsed = isKept(new URL(url).origin)
      try {
        return await send(kept, url, message, signal)
      } catch (error) {
        if (!mayBeUsed || signal.aborted || !lost.has(codeOf(error))) return failureOf(error, signal)
      }
      return send(agent, url, message, signal).catch((error: unknown) => failureOf(error, signal))
    },
    close,
  }
}

/** Throws what the request failed with. */
async function send(
  agent: Agent,
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  signal: AbortSignal,
): Promise<PostOutcome> {
  const { origin, pathname, search } = new URL(url)
  const response = await agent.request({
    origin,
    path: `${pathname}${search}`,
    method: 'POST',
    headers: { 'user-agent': 'understudy', accept: '*/*', 'accept-encoding': 'identity', ...headers },
    body,
    signal,
  })
  response.body.on('error', () => undefined)
  // Awaited, so that a request whose socket is still open counts as running.
  await response.body
    .dump({ limit: dumpedBytes, signal: AbortSignal.any([signal, AbortSignal.timeout(dumpedMs)]) })
    .catch(() => undefined)
  response.body.destroy()
  const retryAfterMs = retryAfter(flatten(response.headers), Date.now())
  return { type: 'answered', status: response.statusCode, retryAfterMs }
}

function failureOf(error: unknown, signal: AbortSignal): PostOutcome {
  if (error instanceof ForbiddenAddress) return { type: 'forbidden', message: error.message }
  if (error instanceof NameError) return { type: 'failed', message: error.message }
  const message = signal.aborted
    ? 'No response was received in time.'
    : `No response was received (${codeOf(error)}).`
  return { type: 'failed', message }
}
