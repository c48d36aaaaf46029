import type { Floor } from '../accounts/client.ts'
import type { UpstreamView } from '../routing/upstream.ts'
import { offerOf } from './offer.ts'
import type { Offer } from './offer.ts'

/** A model that a key may ask for, with the upstreams that it may ask. */
export interface CatalogueModel {
  id: string
  offers: Offer[]
}

/** The ids of the models that may be asked for within this floor, sorted. */
export function modelIds(views: readonly UpstreamView[], floor: Floor): string[] {
  const ids = new Set(allowed(views, floor).flatMap(({ spec }) => Object.keys(spec.models)))
  return [...ids].filter((id) => isAllowed(id, floor)).toSorted()
}

/** Null: no upstream that may be asked offers it, or it may not be asked for. */
export function modelOf(views: readonly UpstreamView[], floor: Floor, id: string): CatalogueModel | null {
  if (!isAllowed(id, floor)) return null
  const offers = allowed(views, floor)
    .filter(({ spec }) => Object.hasOwn(spec.models, id))
    .map((view) => offerOf(view, id))
  return offers.length === 0 ? null : { id, offers }
}

function isAllowed(id: string, { allowModels }: Floor): boolean {
  return allowModels?.includes(id) ?? true
}

function allowed(views: readonly UpstreamView[], { allow, allowUpstreams }: Floor): UpstreamView[] {
  return views.filter(
    ({ spec, enabled }) =>
      enabled && allow.includes(spec.kind) && (allowUpstreams?.includes(spec.id) ?? true),
  )
}
