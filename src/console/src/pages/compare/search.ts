import { textIn } from '../../api/search.ts'

/** The search parameters of the screen. */
export interface NewComparisonSearch {
  /** The name of the character to compare. */
  character?: string | undefined
}

export function parseNewComparisonSearch(search: Record<string, unknown>): NewComparisonSearch {
  return { character: textIn(search['character']) }
}
