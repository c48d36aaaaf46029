import { isKeptAsItIs, sourceModeOf } from '../../generation/source-mode.ts'
import type { SourceMode } from '../../generation/source-mode.ts'
import { priceOf } from '../price.ts'
import type { RoutePolicy, RouteRequest } from '../route-request.ts'
import type { Fidelity, Shape, Size, UpstreamSpec, UpstreamView } from '../upstream.ts'
import { fidelityOf } from './character-fit.ts'
import type { CharacterFit } from './character-fit.ts'
import { durationOf } from './sold-lengths.ts'

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
  /** The length it would be asked for, which is the length asked for or the nearest that it sells. */
  durationSeconds: number
  size: Size
  characters: CharacterFit
  /** How it would use the characters. Null if there are none or it cannot. */
  fidelity: Fidelity | null
  /** Micro-dollars for this length and size. */
  estimatedCostMicros: number
}

export function factsOf(request: RouteRequest, view: UpstreamView, policy: RoutePolicy): Facts {
  const { spec } = view
  const { source } = request
  const sourceMode = source === undefined ? null : sourceModeOf(source, spec)
  const isKept = source !== undefined && isKeptAsItIs(source, sourceMode)
  const durationSeconds = isKept ? request.durationSeconds : durationOf(spec, request.durationSeconds)
  const characters = fidelityOf(request, spec, policy)
  const size = sizeOf(soldSizes(spec, sourceMode), request.size)
  return {
    request,
    policy,
    view,
    spec,
    model: (isOffered(request, spec) ? spec.models[request.model] : undefined) ?? request.model,
    sourceMode,
    durationSeconds,
    size,
    characters,
    fidelity: characters.type === 'fit' ? characters.fidelity : null,
    estimatedCostMicros: priceOf(spec.price, durationSeconds, size),
  }
}

/** Model names come from callers, and `constructor` is a property of every object. */
export function isOffered({ model }: Pick<RouteRequest, 'model'>, { models }: UpstreamSpec): boolean {
  return Object.hasOwn(models, model)
}

/** The sizes to choose from; null for any. A video made from another one keeps that one's size. */
export function soldSizes({ sizes }: UpstreamSpec, sourceMode: SourceMode | null): readonly Size[] | null {
  return sourceMode === null || sourceMode === 'reference' ? sizes : null
}

/** The size asked for; for a shape, the first one sold of that shape, or the usual one where none is. */
function sizeOf(sizes: readonly Size[] | null, asked: Size | Shape): Size {
  if (asked !== 'landscape' && asked !== 'portrait') return asked
  const sold = sizes?.find((size) => {
    const [width = 0, height = 0] = size.split('x').map(Number)
    return asked === 'landscape' ? width > height : height > width
  })
  return sold ?? (asked === 'landscape' ? '1280x720' : '720x1280')
}
