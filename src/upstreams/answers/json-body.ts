/** The JSON value of a text, or undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isHtml(contentType: string | null | undefined, body: string): boolean {
  return /\btext\/html\b/i.test(contentType ?? '') || /^\s*<(!doctype|html)\b/i.test(body)
}
