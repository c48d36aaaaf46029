/**
 * Parses JSON; undefined if the text is not JSON. Integers that a number cannot represent stay text, because vendors
 * use them as ids.
 */
export function parseJson(text: string): unknown {
  try {
    return /\d{16}/.test(text) ? JSON.parse(text, exactly) : JSON.parse(text)
  } catch {
    return undefined
  }
}

function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source
  const isInexact = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source ?? '')
  return isInexact ? source : value
}

export function isHtml(contentType: string | null | undefined, body: string): boolean {
  if (/^\s*[{[]/.test(body)) return false
  return /\btext\/html\b/i.test(contentType ?? '') || /^\s*<(!doctype|html)\b/i.test(body)
}
