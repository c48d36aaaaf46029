import { z } from 'zod'
import { signedToken } from './signed-token.ts'
import type { UnsignedRequest } from '../transport/unsigned-request.ts'
import type { KeyPair } from './key-pair.ts'
import { volcengineHeaders } from './volcengine-v4.ts'

const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'should be letters, digits, `_` or `-`')

/** Ways to make the credentials of a request out of a key pair, with what a signature is valid for where its scheme says so. */
export const signatureSchema = z.discriminatedUnion(
  'scheme',
  [
    z.strictObject({ scheme: z.literal('hs256-token') }),
    z.strictObject({ scheme: z.literal('volcengine-v4'), service: name, region: name }),
  ],
  'should be a scheme (hs256-token or volcengine-v4) with what it needs',
)

export type Signature = z.output<typeof signatureSchema>

/** The headers that prove who sends this request, at an instant (ms since epoch). Signatures age: make them for each request. */
export type Sign = (request: UnsignedRequest, at: number) => Promise<Record<string, string>>

export function signWith(signature: Signature, pair: KeyPair): Sign {
  return async (request, at) =>
    signature.scheme === 'hs256-token'
      ? { authorization: `Bearer ${await signedToken(pair, at)}` }
      : volcengineHeaders(request, signature, { pair, at })
}
