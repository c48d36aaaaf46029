import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import type { Schemas } from '../../../api/client.ts'
import { offersOf } from '../../../rules/offers.ts'
import type { Offers } from '../../../rules/offers.ts'

/** The upstreams of the default model that the key may use, and what they take. */
export function useModels(): {
  offers: Offers
  upstreams: ReadonlyArray<Schemas['ModelOffer']>
  isLoaded: boolean
} {
  const { data } = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => bodyOf(api.GET('/models', { params: { query: { limit: 100 } }, signal })),
    staleTime: 60_000,
  })
  const models = data?.data ?? []
  const chosen = models.find((model) => model.default)
  return { offers: offersOf(models, ''), upstreams: chosen?.upstreams ?? [], isLoaded: data !== undefined }
}
