import { textIn } from '../../api/search.ts'

/** The search parameters of the screen. */
export interface StudioSearch {
  /** The generation whose request fills the form. */
  from?: string | undefined
  /** The name of a character to begin with. */
  character?: string | undefined
}

export function parseStudioSearch(search: Record<string, unknown>): StudioSearch {
  return { from: textIn(search['from']), character: textIn(search['character']) }
}
