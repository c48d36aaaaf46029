import { flagIn, textIn } from '../../api/search.ts'

/** The search parameters of the screen that makes a comparison. */
export interface NewComparisonSearch {
  /** The name of the character to compare. */
  character?: string | undefined
}

export function parseNewComparisonSearch(search: Record<string, unknown>): NewComparisonSearch {
  return { character: textIn(search['character']) }
}

/** The search parameters of one comparison. */
export interface ComparisonSearch {
  /** Scoring with names hidden. */
  score?: true | undefined
}

export function parseComparisonSearch(search: Record<string, unknown>): ComparisonSearch {
  return { score: flagIn(search['score']) }
}
