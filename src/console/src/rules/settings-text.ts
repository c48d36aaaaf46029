/** A setting as lines, in the manner of YAML: what a person who wrote the file knows again. */
export function settingsText(value: unknown): string {
  return linesOf(value).join('\n')
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Null for what does not fit on one line. */
function onOneLine(value: unknown): string | null {
  if (Array.isArray(value)) {
    const parts = value.map((each) => (isMap(each) || Array.isArray(each) ? null : onOneLine(each)))
    return parts.includes(null) ? null : `[${parts.join(', ')}]`
  }
  if (isMap(value)) return Object.keys(value).length === 0 ? '{}' : null
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value)
}

function linesOf(value: unknown): string[] {
  const line = onOneLine(value)
  if (line !== null) return [line]
  if (Array.isArray(value))
    return value.flatMap((each) => linesOf(each).map((inner, at) => `${at === 0 ? '- ' : '  '}${inner}`))
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([name, each]) => {
    const short = onOneLine(each)
    return short === null
      ? [`${name}:`, ...linesOf(each).map((inner) => `  ${inner}`)]
      : [`${name}: ${short}`]
  })
}
