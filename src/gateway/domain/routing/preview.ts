import { mentionPlaces } from '../characters/prompt.ts'
import type { Candidate, RoutePlan } from '../generation/plan.ts'
import type { CharacterUse, GenerationRequest } from '../generation/request.ts'
import type { RouteRequest } from './route-request.ts'
import type { UpstreamView } from './upstream.ts'

/** Whether an upstream that must know the characters knows all of them, or has to be told of one first. */
export const bindingNeeds = ['ready', 'needed'] as const
export type BindingNeed = (typeof bindingNeeds)[number]

export interface PreviewedCharacter extends Pick<CharacterUse, 'id' | 'name' | 'description'> {
  /** In the prompt, in UTF-16 code units; `end` is exclusive. At least one. */
  mentions: Array<{ start: number; end: number }>
}

export interface PreviewedCandidate extends Candidate {
  /** Median milliseconds from create to completed there; null when nothing was measured. */
  expectedMs: number | null
  /** Null where nothing has to be created before: no characters, or none that the upstream is to know. */
  binding: BindingNeed | null
}

/** A plan with what a person wants to know while writing the prompt. */
export interface RoutePreview extends RoutePlan {
  candidates: PreviewedCandidate[]
  characters: PreviewedCharacter[]
}

/** `characters`: how those of the request stand with the upstreams, in the same order. */
export function previewOf(
  plan: RoutePlan,
  request: Pick<GenerationRequest, 'prompt' | 'characters'>,
  characters: RouteRequest['characters'],
  views: ReadonlyArray<Pick<UpstreamView, 'latencyMs'> & { spec: Pick<UpstreamView['spec'], 'id'> }>,
): RoutePreview {
  const places = mentionPlaces(request.prompt)
  const latencies = new Map(views.map(({ spec, latencyMs }) => [spec.id, latencyMs]))
  return {
    ...plan,
    candidates: plan.candidates.map((candidate) => ({
      ...candidate,
      expectedMs: latencies.get(candidate.upstream) ?? null,
      binding: bindingAt(candidate, characters),
    })),
    characters: request.characters.map(({ id, name, description }) => ({
      id,
      name,
      description,
      mentions: places
        .filter((place) => place.name === name || place.name === id)
        .map(({ start, end }) => ({ start, end })),
    })),
  }
}

function bindingAt(
  { upstream, fidelity }: Candidate,
  characters: RouteRequest['characters'],
): BindingNeed | null {
  if (fidelity !== 'native') return null
  return characters.every(({ boundOn }) => boundOn.includes(upstream)) ? 'ready' : 'needed'
}
