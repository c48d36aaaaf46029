import type { ApiProblem } from '../../../api/problem.ts'
import { faultNames, mentionPlaces } from '../../../rules/mentions.ts'
import { sceneLines, sceneOfPointer } from '../../../rules/scenes.ts'
import type { SceneFault } from './faults.tsx'

export interface SplitFaults {
  /** Of the text, in its order. */
  scene: SceneFault[]
  /** Of other fields: the gateway's pointer and words. */
  others: Array<{ pointer: string; detail: string }>
}

/** Which faults of a problem are about the text, and where in it. One that names a character stands at every mention of it. */
export function sceneFaults(problem: ApiProblem | null, text: string, isSeveral: boolean): SplitFaults {
  const split: SplitFaults = { scene: [], others: [] }
  const lines = isSeveral ? sceneLines(text) : [{ prompt: text, start: 0 }]
  for (const { pointer, detail } of problem?.faults ?? []) {
    const of = isSeveral ? sceneOfPointer(pointer) : { index: 0, rest: pointer }
    const line = of === null ? undefined : lines[of.index]
    if (of === null || line === undefined || of.rest !== '/prompt') {
      split.others.push({ pointer, detail })
      continue
    }
    const { name, proposed } = faultNames(detail)
    const places = name === null ? [] : mentionPlaces(line.prompt).filter((place) => place.name === name)
    const scene = isSeveral ? of.index + 1 : null
    if (places.length === 0) split.scene.push({ detail, place: null, scene, name: null, proposed: null })
    for (const { start, end } of places) {
      const place = { start: line.start + start, end: line.start + end }
      split.scene.push({ detail, place, scene, name, proposed })
    }
  }
  return split
}
