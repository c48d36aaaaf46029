import type { Capabilities } from './capabilities.ts'
import type { RouteInputs } from './route-inputs.ts'

/** Pictures that are sent of one character, where there is room: more of one person make vendors slower, and no surer. */
const mostOfOne = 3

/**
 * How many pictures of each of so many characters an upstream is sent, beside the references of the request; 0 where there is
 * no room for one of each, and where it takes no pictures of somebody.
 */
export function stillsOfEach(
  { references: limits, mostReferences }: Capabilities,
  references: RouteInputs['references'],
  characters: number,
): number {
  const { image } = limits
  if (image === null || image.roles?.includes('subject') === false) return 0
  const images = references.filter(({ kind }) => kind === 'image').length
  const room = Math.min(image.max - images, (mostReferences ?? Infinity) - references.length)
  return Math.max(0, Math.min(mostOfOne, Math.floor(room / characters)))
}

/**
 * How many recordings of voices an upstream is sent beside so many pictures of characters: none beside frames, which exclude
 * references at many, and none where it takes no voices.
 */
export function voicesTaken(
  { references: limits, mostReferences }: Capabilities,
  { references, firstFrame, lastFrame }: RouteInputs,
  pictures: number,
): number {
  const { audio } = limits
  if (audio === null || audio.roles?.includes('voice') === false || firstFrame || lastFrame) return 0
  const sounds = references.filter(({ kind }) => kind === 'audio').length
  return Math.max(
    0,
    Math.min(audio.max - sounds, (mostReferences ?? Infinity) - references.length - pictures),
  )
}
