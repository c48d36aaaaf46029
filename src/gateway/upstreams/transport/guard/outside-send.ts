import type { ApiCall } from '../api-call.ts'
import { encodeBody } from '../bodies/encode-body.ts'
import { exchange } from '../exchange.ts'
import type { TransportResult } from '../exchange.ts'
import { codeOf } from '../send-error.ts'
import { checkRemoteUrl, createAllowList } from './address-guard.ts'
import { createGuardedAgent } from './guarded-agent.ts'
import type { GuardedAgentOptions } from './guarded-agent.ts'

/**
 * Sends to addresses that a vendor's response names, such as the storage for an upload: through the guard, without
 * credentials. No redirect is followed.
 */
export interface OutsideSend {
  send(call: ApiCall & { to: string }, deadlineMs: number): Promise<TransportResult>
}

export const nowhere: OutsideSend = {
  send: () =>
    Promise.resolve({
      type: 'not_sent',
      reason: 'unreachable',
      message: 'Nothing is sent to addresses other than those of the upstream.',
    }),
}

/** Storage explains a refusal in a few lines. */
const maxKeptBytes = 16 * 1024

export function createOutsideSend(options: GuardedAgentOptions): OutsideSend & { close(): Promise<void> } {
  const allow = createAllowList(options.allowPrivateHosts)
  const { agent, close } = createGuardedAgent(allow, options)

  return {
    async send({ method, to, headers: own, body }, deadlineMs) {
      const verdict = checkRemoteUrl(to, allow)
      if (verdict.type !== 'ok') return { type: 'not_sent', reason: 'unreachable', message: verdict.message }
      const encoded = await encodeBody(body).catch((error: unknown) => codeOf(error))
      if (typeof encoded === 'string')
        return {
          type: 'not_sent',
          reason: 'source',
          message: `The file to send could not be read (${encoded}).`,
        }
      const { origin, pathname, search } = new URL(to)
      const request = {
        origin,
        path: `${pathname}${search}`,
        method,
        headers: { 'user-agent': 'understudy', 'accept-encoding': 'identity', ...own, ...encoded.headers },
        body: encoded.content,
      }
      const result = await exchange(agent, request, { deadlineMs, maxKeptBytes })
      encoded.close()
      return result
    },
    close,
  }
}
