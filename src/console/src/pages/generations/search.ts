import { oneOf, textIn } from '../../api/search.ts'

/** The tabs of the list; `attention` is what a person has to look at. */
export const tabs = ['all', 'attention', 'in_progress', 'completed', 'failed', 'cancelled'] as const
export type Tab = (typeof tabs)[number]

/** The search parameters of the screen. */
export interface GenerationsSearch {
  tab?: Tab | undefined
  upstream?: string | undefined
  character?: string | undefined
}

export function parseGenerationsSearch(search: Record<string, unknown>): GenerationsSearch {
  return {
    tab: oneOf(tabs, search['tab']),
    upstream: textIn(search['upstream']),
    character: textIn(search['character']),
  }
}
