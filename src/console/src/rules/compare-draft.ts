import { mentionPlaces, normalName } from './mentions.ts'
import { sceneLines } from './scenes.ts'

export const mostComparedScenes = 10
export const mostRuns = 5
export const mostUpstreams = 8

/** What is typed of a comparison. */
export interface CompareDraft {
  name: string
  character: string
  text: string
  runs: number
  upstreams: readonly string[]
  duration: number
  size: 'landscape' | 'portrait'
}

export const emptyCompareDraft: CompareDraft = {
  name: '',
  character: '',
  text: '',
  runs: 1,
  upstreams: [],
  duration: 5,
  size: 'landscape',
}

/** The scenes, counted from 0, that do not name the character. */
export function scenesWithout(text: string, character: string): number[] {
  const name = normalName(character)
  return sceneLines(text).flatMap(({ prompt }, index) =>
    mentionPlaces(prompt).some((place) => place.name === name) ? [] : [index],
  )
}

/** Puts the name before every scene that lacks it. */
export function withNames(text: string, character: string): string {
  const lacking = scenesWithout(text, character)
  return sceneLines(text)
    .map(({ prompt }, index) => (lacking.includes(index) ? `@${character} ${prompt}` : prompt))
    .join('\n')
}

export interface CompareBody {
  name?: string
  character: string
  scenes: string[]
  runs: number
  upstreams: string[]
  duration: number
  size: 'landscape' | 'portrait'
}

/** The request; null while something of it is missing. */
export function compareBody(draft: CompareDraft): CompareBody | null {
  const scenes = sceneLines(draft.text).map(({ prompt }) => prompt)
  const isWhole =
    draft.character !== '' &&
    scenes.length > 0 &&
    scenes.length <= mostComparedScenes &&
    draft.upstreams.length > 0 &&
    draft.upstreams.length <= mostUpstreams &&
    scenesWithout(draft.text, draft.character).length === 0
  if (!isWhole) return null
  const name = draft.name.trim()
  return {
    ...(name !== '' && { name }),
    character: draft.character,
    scenes,
    runs: draft.runs,
    upstreams: [...draft.upstreams],
    duration: draft.duration,
    size: draft.size,
  }
}
