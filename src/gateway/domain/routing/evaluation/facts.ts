import { noCapabilities } from '../../inputs/capabilities.ts'
import type { Capabilities } from '../../inputs/capabilities.ts'
import { withOptions } from '../../inputs/options.ts'
import { chosenPicture } from '../../inputs/picture-choice.ts'
import { isSizeOffered, sizeOfShape } from '../../inputs/picture-offer.ts'
import { resolutionOf } from '../../inputs/picture.ts'
import type { Resolution } from '../../inputs/picture.ts'
import type { OptionValue } from '../../inputs/request-inputs.ts'
import { inputsIn, noInputs, optionsFor } from '../../inputs/route-inputs.ts'
import type { RouteInputs } from '../../inputs/route-inputs.ts'
import { isKeptAsItIs, sourceModeOf } from '../../generation/source-mode.ts'
import type { SourceMode } from '../../generation/source-mode.ts'
import { clipSecondsOf, inputSecondsOf, priceOf } from '../price.ts'
import type { RoutePolicy, RouteRequest } from '../route-request.ts'
import type { Fidelity, Shape, Size, UpstreamSpec, UpstreamView } from '../upstream.ts'
import { fidelityOf } from './character-fit.ts'
import type { CharacterFit } from './character-fit.ts'
import { durationOf, lengthsFor } from './supported-lengths.ts'
import type { SupportedLengths } from './supported-lengths.ts'

/**
 * One upstream beside one request: what is known of both, and exactly what the upstream would be asked for. Every value is
 * always there, also where the upstream does not offer it: leaving such an upstream out is the filters' work.
 */
export interface Facts {
  request: RouteRequest
  policy: RoutePolicy
  view: UpstreamView
  spec: UpstreamSpec
  /** The upstream's own model id. */
  model: string
  /** How it gets at the source video; null without a source, and where it has no way to. */
  sourceMode: SourceMode | null
  /** The length that the upstream would be sent: the requested length, or the nearest supported one. */
  durationSeconds: number
  size: Size
  /** Why it has no picture as asked for; null where it has. */
  pictureFault: string | null
  inputs: RouteInputs
  capabilities: Capabilities
  /** What is meant for this upstream alone. */
  options: Readonly<Record<string, OptionValue>>
  /** The supported lengths for this picture and these inputs. */
  lengths: SupportedLengths
  characters: CharacterFit
  /** How it would use the characters. Null if there are none or it cannot. */
  fidelity: Fidelity | null
  /** Micro-dollars for this length and picture, with sound or without, with the options and the videos that go along. */
  estimatedCostMicros: number
}

export function factsOf(request: RouteRequest, view: UpstreamView, policy: RoutePolicy): Facts {
  const { spec } = view
  const { source, inputs = noInputs } = request
  const capabilities = spec.capabilities ?? noCapabilities
  const options = optionsFor(inputs.settings, spec)
  const sourceMode = source === undefined ? null : sourceModeOf(source, spec)
  const isKept = source !== undefined && isKeptAsItIs(source, sourceMode)
  const { size, resolution, pictureFault } = pictureOf(request, spec, sourceMode)
  const given = inputsIn(inputs, othersOf(request, spec))
  const lengths = lengthsFor(spec, resolution ?? resolutionOf(size), given)
  const durationSeconds = isKept ? request.durationSeconds : durationOf(lengths, request.durationSeconds)
  const characters = fidelityOf(request, spec, policy)
  const plainMicros = priceWithSound(spec, { durationSeconds, size, resolution }, inputs.settings.audio)
  const inputSeconds = inputSecondsOf(request) + clipSecondsOf(request.characters, spec)
  const inputMicros = Math.round(inputSeconds * (spec.inputSecondMicros ?? 0))
  return {
    request,
    policy,
    view,
    spec,
    model: (isOffered(request, spec) ? spec.models[request.model] : undefined) ?? request.model,
    sourceMode,
    durationSeconds,
    size,
    pictureFault,
    inputs,
    capabilities,
    options,
    lengths,
    characters,
    fidelity: characters.type === 'fit' ? characters.fidelity : null,
    estimatedCostMicros:
      withOptions(plainMicros, durationSeconds, options, capabilities.options) + inputMicros,
  }
}

/** What a request has beside frames, typed references and settings. */
export function othersOf(
  { characters, referenceKind, inputs = noInputs }: RouteRequest,
  spec: Pick<UpstreamSpec, 'id' | 'dialect' | 'characters'>,
): Parameters<typeof inputsIn>[1] {
  const options = optionsFor(inputs.settings, spec)
  return { characters: characters.length, areStills: spec.characters === 'stills', referenceKind, options }
}

/** Model names come from callers, and `constructor` is a property of every object. */
export function isOffered({ model }: Pick<RouteRequest, 'model'>, { models }: UpstreamSpec): boolean {
  return Object.hasOwn(models, model)
}

/** The sizes to choose from; null for any. A video made from another one keeps that one's size. */
function supportedSizes({ sizes }: UpstreamSpec, sourceMode: SourceMode | null): readonly Size[] | null {
  return keepsPicture(sourceMode) ? null : sizes
}

function keepsPicture(sourceMode: SourceMode | null): boolean {
  return sourceMode !== null && sourceMode !== 'reference'
}

function isShape(size: Size | Shape): size is Shape {
  return size === 'landscape' || size === 'portrait'
}

interface Picture {
  size: Size
  resolution: Resolution | null
  pictureFault: string | null
}

function pictureOf(
  { size, inputs = noInputs }: RouteRequest,
  spec: UpstreamSpec,
  sourceMode: SourceMode | null,
): Picture {
  const supported = supportedSizes(spec, sourceMode)
  const { resolution, aspectRatio } = inputs.settings
  const { capabilities = noCapabilities } = spec
  if (resolution === undefined && aspectRatio === undefined) {
    const pixels = isShape(size) ? sizeOfShape(size, supported, capabilities) : size
    const isFine = keepsPicture(sourceMode) || isSizeOffered(pixels, supported, capabilities)
    return { size: pixels, resolution: null, pictureFault: isFine ? null : `It does not offer ${size}.` }
  }
  const chosen = chosenPicture(inputs, capabilities, supported)
  return { size: chosen.size, resolution: chosen.resolution, pictureFault: chosen.fault }
}

/** What costs more, where the request leaves sound to the upstream or nobody knows whether it has any. */
function priceWithSound(
  { price, capabilities }: UpstreamSpec,
  { durationSeconds, size, resolution }: { durationSeconds: number } & Pick<Picture, 'size' | 'resolution'>,
  asked: boolean | undefined,
): number {
  const support = capabilities?.audio ?? null
  const cost = (audio: boolean) => priceOf(price, durationSeconds, size, { resolution, audio })
  if (asked !== undefined) return cost(asked)
  return support === 'optional' || support === null
    ? Math.max(cost(true), cost(false))
    : cost(support === 'always')
}
