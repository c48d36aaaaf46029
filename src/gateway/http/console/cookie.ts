import { sessionMs } from '../../domain/accounts/session.ts'

/** Over plain http; see `nameOf`. */
export const sessionCookieName = 'understudy_session'

/** 32 bytes in base64url. */
const tokenPattern = /^[\w-]{43}$/

/** Browsers take a cookie with this prefix only from this very host, over https. */
function nameOf(isSecure: boolean): string {
  return isSecure ? `__Host-${sessionCookieName}` : sessionCookieName
}

/** The token in a `Cookie` header; null if there is none, or one that no gateway made. */
export function sessionTokenOf(header: string | undefined, isSecure: boolean): string | null {
  const start = `${nameOf(isSecure)}=`
  const pair = header
    ?.split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(start))
  const token = pair?.slice(start.length) ?? ''
  return tokenPattern.test(token) ? token : null
}

function cookie(token: string, isSecure: boolean, maxAgeSeconds: number): string {
  const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`
  return `${nameOf(isSecure)}=${token}; ${attributes}${isSecure ? '; Secure' : ''}`
}

/** A `Set-Cookie` header. `isSecure`: the call came over https. */
export function sessionCookie(token: string, isSecure: boolean): string {
  return cookie(token, isSecure, sessionMs / 1000)
}

/** A `Set-Cookie` header that makes the browser forget the session. */
export function noSessionCookie(isSecure: boolean): string {
  return cookie('', isSecure, 0)
}
