const maxLength = 300

/**
 * Makes a vendor's text fit to be stored, logged and shown: one line of at most 300 characters, without the upstream's key
 * and without anything that looks like one (vendors quote keys in their 401).
 */
export function createPublicMessage(
  apiKey: string | null,
  headers: readonly string[] = [],
): (text: string) => string {
  // Short values such as `0` or `true` are none, and would cut holes into every sentence.
  const values = [apiKey ?? '', ...headers.filter((value) => value.length >= 8)]
  const secrets = values
    .filter((value) => value !== '')
    .flatMap((value) => [value, encodeURIComponent(value)])
  return (text) => {
    let clean = text
    for (const secret of secrets) clean = clean.replaceAll(secret, '[key]')
    clean = clean
      .replaceAll(/\bBearer\s+\S+/gi, 'Bearer [key]')
      .replaceAll(/\b(sk|pk|key)[-_][\w*.-]{8,}/gi, '[key]')
      .replaceAll(/[\s\p{Cc}]+/gu, ' ')
      .trim()
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1).toWellFormed()}…`
  }
}
