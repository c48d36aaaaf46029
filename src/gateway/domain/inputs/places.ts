/**
 * The words by which the create of a dialect says each input; any one of them will do. A dialect that has none of them would
 * leave the input out in silence.
 */
const words = {
  first_frame: ['first_frame'],
  last_frame: ['last_frame'],
  image_references: ['references', 'images', 'image_files'],
  video_references: ['references', 'videos', 'video_files'],
  audio_references: ['references', 'audios', 'audio_files'],
  audio: ['audio'],
  seed: ['seed', 'asked_seed'],
  negative_prompt: ['negative_prompt'],
  resolution: ['resolution', 'size', 'width', 'height'],
  aspect_ratio: ['aspect_ratio', 'ratio', 'orientation', 'size', 'width', 'height'],
} as const

export type PlacedInput = keyof typeof words

/** Whether a create that uses these words says the input. */
export function hasPlaceFor(input: PlacedInput, used: ReadonlySet<string>): boolean {
  return words[input].some((word) => used.has(word))
}

/** The same for an option: by its own name, or where all options are sent as they are. */
export function hasPlaceForOption(name: string, used: ReadonlySet<string>): boolean {
  return used.has(`options.${name}`) || used.has('options.*')
}

/** For a sentence: what to write. */
export function wordFor(input: PlacedInput): string {
  return words[input][0]
}
