import { flagIn, textIn } from '../../api/search.ts'

/** The search parameters of the screen. */
export interface NewCharacterSearch {
  /** The generation whose video is the clip. */
  generation?: string | undefined
  /** Begin with the bundled clip. */
  sample?: true | undefined
}

export function parseNewCharacterSearch(search: Record<string, unknown>): NewCharacterSearch {
  return { generation: textIn(search['generation']), sample: flagIn(search['sample']) }
}
