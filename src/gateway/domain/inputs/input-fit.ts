import { mediaKinds } from '../media-kind.ts'
import type { Capabilities, SettingSupport } from './capabilities.ts'
import { faultOfOption } from './options.ts'
import type { OptionSpec } from './options.ts'
import type { OptionValue } from './request-inputs.ts'
import { inputsIn } from './route-inputs.ts'
import type { RouteInputs } from './route-inputs.ts'

/** Settings that may be left out with a warning, and what the warning is called. */
export const droppable = ['seed', 'negative_prompt'] as const
export type Droppable = (typeof droppable)[number]

/** How an upstream would take the inputs of a request. */
export interface InputFit {
  /** What it would be sent, as the API names it. */
  takes: string[]
  /** What it would not be sent. */
  drops: Droppable[]
}

/** Why the upstream cannot take the frames, references and settings of a request; null where it can. */
export function inputFault(
  inputs: RouteInputs,
  others: Parameters<typeof inputsIn>[1],
  options: Readonly<Record<string, OptionValue>>,
  capabilities: Capabilities,
): string | null {
  const { firstFrame, lastFrame, settings } = inputs
  if (firstFrame && !capabilities.firstFrame) return 'It takes no first frame.'
  if (lastFrame && capabilities.lastFrame === 'none') return 'It takes no last frame.'
  if (lastFrame && !firstFrame && capabilities.lastFrame === 'with_first_frame')
    return 'It takes a last frame only together with a first frame.'
  const reference = referenceFault(inputs, capabilities)
  if (reference !== null) return reference
  const given = inputsIn(inputs, others)
  const group = capabilities.exclusive.find((names) => names.filter((name) => given.has(name)).length > 1)
  if (group !== undefined)
    return `It takes only one of ${group.filter((name) => given.has(name)).join(' and ')}.`
  const { required } = capabilities
  if (required.length > 0 && !required.some((name) => given.has(name)))
    return `It needs ${required.join(' or ')}.`
  if (settings.seed !== undefined && capabilities.seed === 'unsupported') return 'It takes no seed.'
  if (settings.negativePrompt !== undefined && capabilities.negativePrompt === 'unsupported')
    return 'It takes no negative prompt.'
  return optionFault(options, capabilities.options)
}

/** A value that this upstream does not declare is nothing it has a price for, whatever others of its dialect take. */
function optionFault(
  options: Readonly<Record<string, OptionValue>>,
  specs: Readonly<Record<string, OptionSpec>>,
): string | null {
  for (const [name, value] of Object.entries(options)) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
    if (spec === undefined) return `It has no option ${name}.`
    const fault = faultOfOption(spec, value)
    if (fault !== null) return `Its option ${name} ${fault}.`
  }
  return null
}

function referenceFault({ references }: RouteInputs, capabilities: Capabilities): string | null {
  for (const kind of mediaKinds) {
    const given = references.filter((reference) => reference.kind === kind)
    if (given.length === 0) continue
    const limit = capabilities.references[kind]
    if (limit === null) return `It takes no ${kind} references.`
    if (given.length > limit.max) return `It takes ${limit.max} ${kind} references, not ${given.length}.`
    const other = given.find(({ role }) => limit.roles?.includes(role) === false)
    if (other !== undefined) return `It takes no ${kind} references of the role ${other.role}.`
  }
  const most = capabilities.mostReferences
  return most !== null && references.length > most
    ? `It takes ${most} references, not ${references.length}.`
    : null
}

/** Why the upstream cannot do with sound what the request asks for; null where it can. */
export function audioFault(audio: boolean | undefined, support: Capabilities['audio']): string | null {
  if (audio === undefined || support === 'optional') return null
  if (support === null) return 'Its configuration does not say whether its videos have sound.'
  if (audio === (support === 'always')) return null
  return audio ? 'Its videos have no sound.' : 'Its videos always have sound.'
}

function sent(support: SettingSupport): boolean {
  return support === 'accepted'
}

/** What it is sent and what is left out; says nothing of an upstream that cannot take the request. */
export function inputFit(
  { firstFrame, lastFrame, references, settings }: RouteInputs,
  options: Readonly<Record<string, OptionValue>>,
  capabilities: Capabilities,
): InputFit {
  const hasSeed = settings.seed !== undefined
  const hasNegative = settings.negativePrompt !== undefined
  return {
    takes: [
      ...(firstFrame ? ['first_frame'] : []),
      ...(lastFrame ? ['last_frame'] : []),
      ...(references.length > 0 ? ['references'] : []),
      ...(settings.audio === undefined ? [] : ['audio']),
      ...(hasSeed && sent(capabilities.seed) ? ['seed'] : []),
      ...(hasNegative && sent(capabilities.negativePrompt) ? ['negative_prompt'] : []),
      ...(settings.resolution === undefined ? [] : ['resolution']),
      ...(settings.aspectRatio === undefined ? [] : ['aspect_ratio']),
      ...Object.keys(options).map((name) => `options.${name}`),
    ],
    drops: [
      ...(hasSeed && !sent(capabilities.seed) ? (['seed'] as const) : []),
      ...(hasNegative && !sent(capabilities.negativePrompt) ? (['negative_prompt'] as const) : []),
    ],
  }
}
