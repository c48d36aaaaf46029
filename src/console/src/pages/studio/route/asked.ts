import { api, bodyOf } from '../../../api/client.ts'
import type { Schemas } from '../../../api/client.ts'
import { ApiProblem } from '../../../api/problem.ts'
import { priceOf } from '../../../rules/price-words.ts'
import type { Price } from '../../../rules/price-words.ts'
import { formOf, pricedTogether, requestsOf, seriesOf, stampOf } from '../../../rules/studio-request.ts'
import type { Files } from '../../../rules/studio-request.ts'
import type { Draft } from '../../../rules/studio-draft.ts'

export type Preview = Schemas['RoutePreview']
export type Plan = Schemas['RoutePlan']

/** What `POST /route` or `POST /series/route` is asked. `stamp`: two of the same stamp have the same answer. */
export type Asked = { stamp: string; scenes: number } & (
  | { kind: 'one'; body: Schemas['GenerateRequest']; files: Files }
  | { kind: 'several'; body: Schemas['SeriesRequest'] }
)

export interface Planned {
  stamp: string
  /** The plan of one scene, with its characters; null for several. */
  one: Preview | null
  /** By scene; null for one that the budget does not pay for. */
  plans: ReadonlyArray<Plan | null>
  price: Price | null
  /** Whether the ceiling of a series pays for its worst case. */
  isWithinMaxCost: boolean
}

/** Null where there is nothing to ask: no scene yet. */
export function askedOf(draft: Draft, files: Files): Asked | null {
  if (draft.mode === 'one') {
    const [body] = requestsOf(draft)
    return body === undefined ? null : { kind: 'one', body, files, scenes: 1, stamp: stampOf(body, files) }
  }
  const body = draft.sendAs === 'series' ? seriesOf(draft) : pricedTogether(draft)
  return body.scenes.length === 0
    ? null
    : { kind: 'several', body, scenes: body.scenes.length, stamp: stampOf(body, {}) }
}

const deadlineMs = 15_000

/** @throws {ApiProblem} why there is no plan */
export async function askRoute(asked: Asked, signal: AbortSignal): Promise<Planned> {
  const deadline = AbortSignal.timeout(deadlineMs)
  const until = AbortSignal.any([signal, deadline])
  try {
    return asked.kind === 'one' ? await planOne(asked, until) : await planSeveral(asked, until)
  } catch (error) {
    if (!deadline.aborted) throw error
    throw new ApiProblem('The gateway did not answer in time. Check the network.', {})
  }
}

async function planOne(
  { body, files, stamp }: Extract<Asked, { kind: 'one' }>,
  signal: AbortSignal,
): Promise<Planned> {
  const hasFiles = Object.keys(files).length > 0
  const preview = await bodyOf(
    api.POST('/route', { body, signal, ...(hasFiles && { bodySerializer: () => formOf(body, files) }) }),
  )
  return { stamp, one: preview, plans: [preview], price: priceOf([preview]), isWithinMaxCost: true }
}

async function planSeveral(
  { body, stamp }: Extract<Asked, { kind: 'several' }>,
  signal: AbortSignal,
): Promise<Planned> {
  const plan = await bodyOf(api.POST('/series/route', { body, signal }))
  const plans = plan.scenes.map(({ route }) => route)
  return { stamp, one: null, plans, price: priceOf(plans), isWithinMaxCost: plan.within_max_cost }
}
