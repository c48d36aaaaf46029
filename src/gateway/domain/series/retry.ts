import type { GenerationId } from '../ids.ts'
import { newScene } from './series.ts'
import type { Scene } from './series.ts'

/** Why a scene is not rendered again; null where it may be. `isPromptChanged`: the caller gave it another prompt. */
export function retryRefusal(scene: Scene, isPromptChanged: boolean): string | null {
  const { status, error, isOpen } = scene
  if (status !== 'failed') return `is ${status}; only failed scenes are retried`
  if (error?.code === 'outcome_unknown')
    return 'has an unknown outcome: its video may have been rendered and charged, so no retry sends it again; POST /generations/{id}/resubmit does, for two bills'
  if (error?.code === 'deleted')
    return 'had its generation deleted before its outcome was noted: it may have been rendered and charged, so it is never sent again'
  if (isOpen) return 'has a job whose outcome is not known yet; try again later'
  if (error?.code === 'content_refused' && !isPromptChanged)
    return 'was refused for its content; give it another prompt'
  return null
}

/** Whether two prompts differ in nothing but case, spaces and characters that nobody sees. */
export function isSamePrompt(one: string, other: string): boolean {
  return comparable(one) === comparable(other)
}

function comparable(prompt: string): string {
  return prompt
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .toLowerCase()
}

/** The scene as it is rendered once more: what it cost before counts on. */
export function retriedScene(
  scene: Scene,
  generationId: GenerationId,
  ownWarnings: Scene['ownWarnings'],
): Scene {
  const { id, number, previousGenerationIds, isSent, earlierCostMicros, costMicros } = scene
  return {
    ...newScene({ id, number, generationId, ownWarnings }),
    previousGenerationIds: isSent ? [...previousGenerationIds, scene.generationId] : previousGenerationIds,
    earlierCostMicros: earlierCostMicros + costMicros,
  }
}
