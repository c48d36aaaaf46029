import { flagIn, textIn } from '../../api/search.ts'

/** The search parameters of the list. */
export interface CharactersSearch {
  q?: string | undefined
}

export function parseCharactersSearch(search: Record<string, unknown>): CharactersSearch {
  return { q: textIn(search['q']) }
}

/** The search parameters of making one. */
export interface NewCharacterSearch {
  /** The generation whose video is the clip. */
  generation?: string | undefined
  /** Begin with the bundled clip. */
  sample?: true | undefined
}

export function parseNewCharacterSearch(search: Record<string, unknown>): NewCharacterSearch {
  return { generation: textIn(search['generation']), sample: flagIn(search['sample']) }
}
