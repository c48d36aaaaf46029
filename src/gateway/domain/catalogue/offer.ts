import type { Capabilities } from '../inputs/capabilities.ts'
import { noCapabilities } from '../inputs/capabilities.ts'
import type { SourceKind } from '../generation/request.ts'
import { sourceModeOf } from '../generation/source-mode.ts'
import type { VisualKind } from '../media-kind.ts'
import { fidelityOf } from '../routing/evaluation/character-fit.ts'
import type {
  ChargeMoment,
  Fidelity,
  SourceSupport,
  UpstreamKind,
  UpstreamSpec,
  UpstreamView,
} from '../routing/upstream.ts'
import { picturesOf } from './pictures.ts'
import type { OfferedPictures } from './pictures.ts'

/** As which input the rules about inputs and lengths may see a character. */
export const characterInputs = ['characters', 'image_references'] as const

export interface OfferedCharacters {
  /** Null: it cannot render any. */
  fidelity: Fidelity | null
  max: number
  countsAs: (typeof characterInputs)[number]
  /** Of the clip of a character; null takes any. */
  clipSeconds: { min: number; max: number } | null
}

/** What one upstream offers of a model. */
export interface Offer {
  upstream: string
  kind: UpstreamKind
  dialect: string
  /** Whether it would be sent a request now, were a slot free. */
  available: boolean
  pictures: OfferedPictures[]
  /** Kinds of the one `reference` of a request. */
  reference: VisualKind[]
  capabilities: Capabilities
  /** Whose videos it makes others from. */
  sources: Record<SourceKind, SourceSupport>
  characters: OfferedCharacters
  maxPromptCharacters: number | null
  chargedOn: ChargeMoment
  /** 0-1 and milliseconds, of all its models in the last day; null when nothing was measured. */
  successRate: number | null
  latencyMs: number | null
}

export function offerOf(view: UpstreamView, model: string): Offer {
  const { spec, successRate, latencyMs } = view
  return {
    upstream: spec.id,
    kind: spec.kind,
    dialect: spec.dialect,
    available: isAvailable(view, model),
    pictures: picturesOf(spec),
    reference: spec.references,
    capabilities: spec.capabilities ?? noCapabilities,
    sources: sourcesOf(spec),
    characters: charactersOf(spec),
    maxPromptCharacters: spec.maxPromptCharacters,
    chargedOn: spec.chargedOn,
    successRate,
    latencyMs,
  }
}

function isAvailable({ spec, breakers, outages }: UpstreamView, model: string): boolean {
  const theirs = spec.models[model]
  return breakers.create.state !== 'open' && !outages.some((outage) => outage.model === theirs)
}

function sourcesOf(spec: UpstreamSpec): Record<SourceKind, SourceSupport> {
  const supportOf = (kind: SourceKind): SourceSupport => {
    if (sourceModeOf({ kind, holder: null }, spec) !== null) return 'any'
    const holder = { upstream: spec.id, operation: null, account: null }
    return sourceModeOf({ kind, holder }, spec) === null ? 'none' : 'own'
  }
  return { remix: supportOf('remix'), edit: supportOf('edit'), extension: supportOf('extension') }
}

function charactersOf(spec: UpstreamSpec): OfferedCharacters {
  const one = { characters: [{ boundOn: [], failedOn: [] }], referenceKind: null }
  const fit = fidelityOf(one, spec, { characterFidelity: 'any' })
  const fidelity = fit.type === 'fit' ? fit.fidelity : null
  return {
    fidelity,
    max: fidelity === null ? 0 : spec.maxCharacters,
    countsAs: spec.characters === 'stills' ? 'image_references' : 'characters',
    clipSeconds: spec.characterClip && {
      min: spec.characterClip.minSeconds,
      max: spec.characterClip.maxSeconds,
    },
  }
}
