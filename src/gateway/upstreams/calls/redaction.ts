export type Redact = (text: string) => string

const placeholder = '[key]'
/** Shorter texts would match in any message. */
const shortestSecret = 4

/**
 * Removes secrets from a vendor's text, in every encoding that a header, URL or body may use, and everything that looks
 * like a key (vendors quote keys in their 401 responses).
 */
export function createRedaction(secrets: readonly string[]): Redact {
  const forms = secrets.filter(({ length }) => length >= shortestSecret).flatMap(formsOf)
  // The longest first, because an encoded form may contain a shorter one.
  const ordered = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  return (text) => {
    let clean = text
    for (const form of ordered) clean = clean.replaceAll(form, placeholder)
    return (
      clean
        .replaceAll(/\bBearer\s+[^\s"\\]+/gi, `Bearer ${placeholder}`)
        .replaceAll(/\bBasic\s+[\w.~+/=-]{8,}/gi, `Basic ${placeholder}`)
        // Signed tokens and signatures open what they were made for, as long as they live.
        .replaceAll(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, placeholder)
        .replaceAll(/\b(signature=)[0-9a-f]{32,}/gi, `$1${placeholder}`)
        .replaceAll(/\b(sk|pk|key)[-_][\w*.-]{8,}/gi, placeholder)
    )
  }
}

function formsOf(secret: string): string[] {
  const percent = encodeURIComponent(secret)
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll('%20', '+'),
    ...[hex, hex.toUpperCase()].filter(({ length }) => length >= 2 * shortestSecret),
    ...[0, 1, 2].flatMap((offset) => base64At(bytes, offset)),
  ]
}

/**
 * The base64 form of a secret that follows `offset` other bytes, such as the user name of Basic authorization. Without
 * the characters at both ends that depend on the bytes around it.
 */
function base64At(bytes: Buffer, offset: number): string[] {
  const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  const inner = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  if (inner.length < 2 * shortestSecret) return []
  return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
}
