import { canSend, canSendOption, nameFor } from '../../domain/inputs/input-names.ts'
import type { InputName } from '../../domain/inputs/input-names.ts'
import type { FileCapabilities } from '../schema/capabilities.ts'

/** What an upstream is said to take and its dialect has no word for, by the path below `capabilities`. */
export function unsayable(
  file: FileCapabilities,
  used: ReadonlySet<string>,
): Array<{ path: string[]; word: string }> {
  const { image, video, audio } = file.references
  const said: Array<[InputName, string[], boolean]> = [
    ['first_frame', ['first_frame'], file.first_frame],
    ['last_frame', ['last_frame'], file.last_frame !== 'none'],
    ['image_references', ['references', 'image'], image !== undefined],
    ['video_references', ['references', 'video'], video !== undefined],
    ['audio_references', ['references', 'audio'], audio !== undefined],
    ['audio', ['audio'], file.audio === 'optional'],
    ['seed', ['seed'], file.seed === 'accepted'],
    ['negative_prompt', ['negative_prompt'], file.negative_prompt === 'accepted'],
    ['resolution', ['resolutions'], (file.resolutions?.length ?? 0) > 1],
    ['aspect_ratio', ['aspect_ratios'], (file.aspect_ratios?.length ?? 0) > 1],
  ]
  return [
    ...said.flatMap(([input, path, isSaid]) =>
      isSaid && !canSend(input, used) ? [{ path, word: nameFor(input) }] : [],
    ),
    ...Object.keys(file.options).flatMap((name) =>
      canSendOption(name, used) ? [] : [{ path: ['options', name], word: `options.${name}` }],
    ),
  ]
}
