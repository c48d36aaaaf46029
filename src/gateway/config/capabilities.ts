import type { Capabilities, ReferenceLimit } from '../domain/inputs/capabilities.ts'
import type { OptionSpec, PriceEffect } from '../domain/inputs/options.ts'
import { isAspectRatio, isResolution } from '../domain/inputs/picture.ts'
import { usdToMicros } from '../domain/routing/price.ts'
import type { FileCapabilities } from './schema/capabilities.ts'

type FileOption = FileCapabilities['options'][string]

/** As written → as routing sees them. */
export function capabilitiesOf(file: FileCapabilities): Capabilities {
  const { references } = file
  return {
    firstFrame: file.first_frame,
    lastFrame: file.last_frame,
    references: {
      image: limitOf(references.image),
      video: limitOf(references.video),
      audio: limitOf(references.audio),
    },
    mostReferences: references.max ?? null,
    exclusive: file.exclusive_inputs,
    required: file.required_inputs,
    audio: file.audio ?? null,
    seed: file.seed,
    negativePrompt: file.negative_prompt,
    resolutions: file.resolutions?.filter(isResolution) ?? null,
    aspectRatios: file.aspect_ratios?.filter((ratio) => ratio === 'auto' || isAspectRatio(ratio)) ?? null,
    lengths: file.lengths.map(({ resolutions, inputs, durations }) => ({
      resolutions: resolutions?.filter(isResolution) ?? null,
      inputs: inputs ?? null,
      durations: durations.toSorted((a, b) => a - b),
    })),
    options: Object.fromEntries(
      Object.entries(file.options).map(([name, option]) => [name, optionOf(option)] as const),
    ),
  }
}

function limitOf(limit: FileCapabilities['references']['image']): ReferenceLimit | null {
  return limit === undefined ? null : { max: limit.max, roles: limit.roles }
}

function optionOf({ type, values, min, max, price }: FileOption): OptionSpec {
  const effects = Object.entries(price).map(([value, effect]) => [value, effectOf(effect)] as const)
  return {
    type,
    values: values ?? null,
    min: min ?? null,
    max: max ?? null,
    price: Object.fromEntries(effects),
  }
}

function effectOf(effect: FileOption['price'][string]): PriceEffect {
  const { times, per_second_usd: second, per_request_usd: request } = effect
  if (times !== undefined) return { type: 'times', factor: times }
  if (second !== undefined) return { type: 'per_second', micros: usdToMicros(second) }
  return { type: 'per_request', micros: usdToMicros(request ?? 0) }
}
