import { createHmac } from 'node:crypto'
import type { Account } from '../domain/attempts/account.ts'
import type { UpstreamSettings } from './settings.ts'

/** Headers that identify the caller, beside the key: credentials, and parts of an account that a key may act for. */
const tellsWho = /auth|key|token|secret|cookie|account|organi[sz]ation|project|tenant|team/i

/**
 * The account that settings refer to. The credential is hashed under `secret`, so that the database reveals nothing
 * about it, not even to someone who tries keys.
 */
export function createAccountOf(secret: string): (settings: UpstreamSettings) => Account {
  return ({ baseUrl, apiKey, keyPair = null, headers = {} }) => {
    const { origin, pathname } = new URL(baseUrl)
    const telling = Object.entries(headers)
      .filter(([name]) => tellsWho.test(name))
      .map(([name, value]) => [name.toLowerCase(), value])
      .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))
    const pair = keyPair === null ? [] : [['key pair', keyPair.accessKey, keyPair.secretKey]]
    const credential =
      apiKey === null && telling.length === 0 && pair.length === 0
        ? null
        : JSON.stringify([apiKey, ...telling, ...pair])
    return {
      origin: `${origin}${pathname.replace(/\/+$/, '')}`,
      credential:
        credential === null
          ? null
          : createHmac('sha256', secret).update(`account\0${credential}`).digest('base64url').slice(0, 22),
    }
  }
}
