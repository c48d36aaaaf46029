/** About the longest body that the gateway accepts. */
const mostCharacters = 1_000_000
const mostDepth = 32

/** Whether a value stays within the limit when its aliases are expanded. A value that contains itself is too deep. */
export function withinBounds(value: unknown): boolean {
  let left = mostCharacters
  const fits = (inner: unknown, depth: number): boolean => {
    left -= typeof inner === 'string' ? inner.length + 1 : 1
    if (left < 0 || depth > mostDepth) return false
    if (typeof inner !== 'object' || inner === null) return true
    return Object.entries(inner).every(([name, each]) => {
      left -= name.length
      return fits(each, depth + 1)
    })
  }
  return fits(value, 0)
}

const urlMembers = new Set(['image_url', 'video_url', 'audio_url'])

/** JSON pointers to members that refer to local files. */
export function findLocalFiles(value: unknown, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    // The keys of `metadata` are the caller's own.
    if (name === 'metadata') return []
    if (typeof inner !== 'string') return findLocalFiles(inner, at)
    const isUrl = /^[a-z][a-z\d+.-]+:/i.test(inner) && !/^file:/i.test(inner)
    return name === 'file' || (urlMembers.has(name) && !isUrl) ? [at] : []
  })
}
