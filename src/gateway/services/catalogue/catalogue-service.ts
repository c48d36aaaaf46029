import { modelIds, modelOf } from '../../domain/catalogue/catalogue.ts'
import { didYouMean } from '../../domain/near-word.ts'
import { Problem } from '../../domain/problem.ts'
import type { UpstreamGate } from '../advance/upstream-gate.ts'
import type { CatalogueService } from './catalogue.ts'

export function createCatalogueService(deps: {
  gate: Pick<UpstreamGate, 'views'>
  /** May change at any time. */
  defaults: { readonly model: string }
}): CatalogueService {
  const { gate, defaults } = deps
  return {
    ids: (client) => modelIds(gate.views(), client),
    list(client, { after, limit }) {
      const views = gate.views()
      const ids = modelIds(views, client).filter((id) => after === null || id > after)
      const data = ids.slice(0, limit).flatMap((id) => modelOf(views, client, id) ?? [])
      return {
        data: data.map((model) => ({ ...model, isDefault: model.id === defaults.model })),
        hasMore: ids.length > limit,
      }
    },
    get(client, id) {
      const views = gate.views()
      const model = modelOf(views, client, id)
      if (model !== null) return { ...model, isDefault: id === defaults.model }
      const near = didYouMean(id, modelIds(views, client))
      throw new Problem(
        'not_found',
        `This key may use no model ${JSON.stringify(id)}${near}. See GET /models.`,
      )
    },
  }
}
