/** A server keeps a prepared statement until its connection ends, so their number is bounded. */
const mostNames = 300
/** Texts that were seen once. Those with a list of varying length rarely come again. */
const mostSeen = 1000

export interface StatementNames {
  /** Undefined for a statement that is not prepared. */
  of: (text: string) => string | undefined
  /** Gives all statements other names: those that were prepared under this one before a migration are void. */
  forget: (text: string, name: string) => void
}

/**
 * Names for statements that come again, the same on all connections of a pool. A statement without a name is parsed
 * and planned each time.
 */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>()
  const seen = new Set<string>()
  let given = 0
  return {
    of(text) {
      const name = names.get(text)
      if (name !== undefined || names.size >= mostNames) return name
      if (!seen.has(text)) {
        if (seen.size >= mostSeen) seen.clear()
        seen.add(text)
        return undefined
      }
      seen.delete(text)
      const next = `u${given++}`
      names.set(text, next)
      return next
    },
    forget(text, name) {
      // Others fail as well that were sent before the names changed.
      if (names.get(text) === name) names.clear()
    },
  }
}
