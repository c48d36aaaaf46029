import type { Agent } from 'undici'
import type { PostOutcome, RemotePost } from '../../../ports/webhooks/remote-post.ts'
import { retryAfter } from '../retry-after.ts'
import { checkRemoteUrl, createAllowList } from './address-guard.ts'
import { flatten } from '../exchange.ts'
import { createGuardedAgent, ForbiddenAddress } from './guarded-agent.ts'
import type { GuardedAgentOptions } from './guarded-agent.ts'
import { NameError } from './resolver.ts'
import { codeOf } from '../send-error.ts'

/** Read and thrown away for as long, so that a receiver is not cut off while it says why. */
const dumpedBytes = 16 * 1024
const dumpedMs = 1000

/**
 * POST to addresses that callers name. The same guard as for what is fetched from them, but no redirect is followed: what
 * was signed for one address is not handed to another. Nothing of the answer but its head is read. Messages name no address.
 */
export function createRemotePost(options: GuardedAgentOptions): RemotePost & { close(): Promise<void> } {
  const allow = createAllowList(options.allowPrivateHosts)
  const { agent, close } = createGuardedAgent(allow, options)

  return {
    objection(url) {
      const verdict = checkRemoteUrl(url, allow)
      return verdict.type === 'ok' ? null : verdict.message
    },
    async post(url, message, signal) {
      const verdict = checkRemoteUrl(url, allow)
      if (verdict.type !== 'ok') return { type: 'forbidden', message: verdict.message }
      return send(agent, url, message, signal)
    },
    close,
  }
}

async function send(
  agent: Agent,
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string },
  signal: AbortSignal,
): Promise<PostOutcome> {
  const { origin, pathname, search } = new URL(url)
  try {
    const response = await agent.request({
      origin,
      path: `${pathname}${search}`,
      method: 'POST',
      headers: { 'user-agent': 'understudy', accept: '*/*', 'accept-encoding': 'identity', ...headers },
      body,
      reset: true,
      signal,
    })
    response.body.on('error', () => undefined)
    // Waited for: an answered post whose socket stays open would count nowhere.
    await response.body
      .dump({ limit: dumpedBytes, signal: AbortSignal.any([signal, AbortSignal.timeout(dumpedMs)]) })
      .catch(() => undefined)
    response.body.destroy()
    const retryAfterMs = retryAfter(flatten(response.headers), Date.now())
    return { type: 'answered', status: response.statusCode, retryAfterMs }
  } catch (error) {
    if (error instanceof ForbiddenAddress) return { type: 'forbidden', message: error.message }
    if (error instanceof NameError) return { type: 'failed', message: error.message }
    const message = signal.aborted
      ? 'No response was received in time.'
      : `No response was received (${codeOf(error)}).`
    return { type: 'failed', message }
  }
}
