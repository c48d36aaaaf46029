/** A server keeps a prepared statement until its connection ends, so their number is bounded. */
const mostNames = 300
/** Texts that were seen once. Those with a list of varying length rarely come again. */
const mostSeen = 1000

/**
 * Names for statements that come again, the same on all connections of a pool. A statement without a name is parsed
 * and planned each time.
 */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>()
  const seen = new Set<string>()
  return (text) => {
    const name = names.get(text)
    if (name !== undefined || names.size >= mostNames) return name
    if (!seen.has(text)) {
      if (seen.size >= mostSeen) seen.clear()
      seen.add(text)
      return undefined
    }
    seen.delete(text)
    const given = `u${names.size}`
    names.set(text, given)
    return given
  }
}
