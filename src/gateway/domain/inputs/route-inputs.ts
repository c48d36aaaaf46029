import type { MediaKind } from '../media-kind.ts'
import type { InputName } from './capabilities.ts'
import type { OptionValue, ReferenceRole, RequestInputs, RequestSettings } from './request-inputs.ts'

/** What routing needs to know of the frames, references and settings of a request. */
export interface RouteInputs {
  firstFrame: boolean
  lastFrame: boolean
  /** `durationSeconds`: of a video; absent or null before it is here. */
  references: ReadonlyArray<{ kind: MediaKind; role: ReferenceRole; durationSeconds?: number | null }>
  settings: RequestSettings
  /** Width to height of the first frame; null without one, and before it is here. */
  frameProportion: number | null
}

export const noInputs: RouteInputs = {
  firstFrame: false,
  lastFrame: false,
  references: [],
  settings: {},
  frameProportion: null,
}

/** Of a request whose files are in the archive. */
export function routeInputsOf(request: RequestInputs): RouteInputs {
  const { firstFrame, lastFrame, references = [] } = request
  return {
    firstFrame: firstFrame !== undefined,
    lastFrame: lastFrame !== undefined,
    references: references.map(({ kind, role, durationSeconds }) => ({
      kind,
      role,
      ...(kind === 'video' && { durationSeconds }),
    })),
    settings: settingsOf(request),
    frameProportion: firstFrame === undefined ? null : firstFrame.width / firstFrame.height,
  }
}

export function hasInputs({ firstFrame, lastFrame, references, settings }: RouteInputs): boolean {
  return firstFrame || lastFrame || references.length > 0 || Object.keys(settings).length > 0
}

function settingsOf(request: RequestSettings): RequestSettings {
  const { audio, seed, negativePrompt, resolution, aspectRatio, options } = request
  return {
    ...(audio !== undefined && { audio }),
    ...(seed !== undefined && { seed }),
    ...(negativePrompt !== undefined && { negativePrompt }),
    ...(resolution !== undefined && { resolution }),
    ...(aspectRatio !== undefined && { aspectRatio }),
    ...(options !== undefined && { options }),
  }
}

/** The inputs that a request has, as rules about them name them. `areStills`: characters go along as references. `referenceKind`: of its one reference beside those of roles. */
export function inputsIn(
  inputs: RouteInputs,
  {
    characters,
    areStills = false,
    referenceKind,
    options = {},
  }: {
    characters: number
    areStills?: boolean
    referenceKind: MediaKind | null
    /** Those meant for the upstream. */
    options?: Readonly<Record<string, OptionValue>>
  },
): ReadonlySet<InputName> {
  const { firstFrame, lastFrame } = inputs
  const one = referenceKind === null ? [] : [{ kind: referenceKind }]
  const stills = areStills && characters > 0 ? [{ kind: 'image' as const }] : []
  const references = [...one, ...stills, ...inputs.references]
  return new Set<InputName>([
    ...(firstFrame ? (['first_frame'] as const) : []),
    ...(lastFrame ? (['last_frame'] as const) : []),
    ...(references.length > 0 ? (['references'] as const) : []),
    ...references.map(({ kind }) => `${kind}_references` as const),
    ...(characters > 0 && !areStills ? (['characters'] as const) : []),
    ...Object.entries(options).flatMap(([name, value]) =>
      value === false ? [] : [`options.${name}` as const],
    ),
  ])
}

/** The options that are meant for this upstream: those under its dialect, and over them those under its id. */
export function optionsFor(
  { options = {} }: RequestSettings,
  { id, dialect }: { id: string; dialect: string },
): Record<string, OptionValue> {
  return {
    ...(Object.hasOwn(options, dialect) ? options[dialect] : {}),
    ...(Object.hasOwn(options, id) ? options[id] : {}),
  }
}
