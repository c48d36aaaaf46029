import { textIn } from '../../api/search.ts'

/** The search parameters of the screen. */
export interface AuditSearch {
  /** The name of the key that acted. */
  actor?: string | undefined
}

export function parseAuditSearch(search: Record<string, unknown>): AuditSearch {
  return { actor: textIn(search['actor']) }
}
