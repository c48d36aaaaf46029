import { SignJWT } from 'jose'
import type { KeyPair } from './key-pair.ts'

/** The vendor takes no longer-lived ones. */
const livesSeconds = 1800
/** For a vendor whose clock is slow. */
const earlySeconds = 5

/** A JSON Web Token that names the access key and is signed with the secret one (docs/vendors/video-apis.md#kling). */
export function signedToken({ accessKey, secretKey }: KeyPair, at: number): Promise<string> {
  const now = Math.floor(at / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(accessKey)
    .setExpirationTime(now + livesSeconds)
    .setNotBefore(now - earlySeconds)
    .sign(new TextEncoder().encode(secretKey))
}
