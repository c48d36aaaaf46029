import { canSend, canSendOption } from '../domain/inputs/input-names.ts'
import type { InputName } from '../domain/inputs/input-names.ts'
import type { CreateInputs } from '../ports/upstream.ts'

/** The first input that a create with these names would leave out; null if it sends all of them. */
export function unsaidInput(inputs: CreateInputs | undefined, used: ReadonlySet<string>): string | null {
  if (inputs === undefined) return null
  const given: Array<[InputName, unknown]> = [
    ['first_frame', inputs.firstFrame],
    ['last_frame', inputs.lastFrame],
    ...inputs.references.map(({ kind, media }): [InputName, unknown] => [`${kind}_references`, media]),
    ['audio', inputs.audio],
    ['seed', inputs.seed],
    ['negative_prompt', inputs.negativePrompt],
    ['resolution', inputs.resolution],
    ['aspect_ratio', inputs.aspectRatio],
  ]
  const input = given.find(([name, value]) => value !== null && !canSend(name, used))
  if (input !== undefined) return input[0]
  const option = Object.keys(inputs.options).find((name) => !canSendOption(name, used))
  return option === undefined ? null : `options.${option}`
}
