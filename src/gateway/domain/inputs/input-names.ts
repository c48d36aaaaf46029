/**
 * The placeholders with which the create of a dialect can send each input; one of them is enough. A dialect without any
 * of them would drop the input silently.
 */
const names = {
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

export type InputName = keyof typeof names

/** Whether a create with these placeholders sends the input. */
export function canSend(input: InputName, used: ReadonlySet<string>): boolean {
  return names[input].some((name) => used.has(name))
}

/** The same for an option: by its own name, or because all options are sent as they are. */
export function canSendOption(name: string, used: ReadonlySet<string>): boolean {
  return used.has(`options.${name}`) || used.has('options.*')
}

/** The placeholder to suggest in a message. */
export function nameFor(input: InputName): string {
  return names[input][0]
}
