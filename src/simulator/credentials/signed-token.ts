import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

const head = z.object({ alg: z.literal('HS256'), typ: z.literal('JWT') })
const claims = z.object({ iss: z.string(), exp: z.int(), nbf: z.int() })
/** Vendors take no longer-lived ones. */
const longestSeconds = 1800

/**
 * Whether a token of HS256 names this access key, is signed with its secret and holds now (docs/vendors/video-apis.md#kling). Read
 * without the library that the gateway signs with, so that one is checked by the other.
 */
export function holdsToken(
  token: string,
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
  at: number,
): boolean {
  const [first = '', second = '', third = '', ...rest] = token.split('.')
  const wanted = createHmac('sha256', secretKey).update(`${first}.${second}`).digest()
  const given = Buffer.from(third, 'base64url')
  if (rest.length > 0 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return false
  const says = claims.safeParse(decoded(second))
  if (!head.safeParse(decoded(first)).success || !says.success) return false
  const { iss, exp, nbf } = says.data
  const now = at / 1000
  return iss === accessKey && nbf <= now && now < exp && exp - now <= longestSeconds
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return null
  }
}
