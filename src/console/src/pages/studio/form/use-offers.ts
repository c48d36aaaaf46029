import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import { offersOf } from '../../../rules/offers.ts'
import type { Offers } from '../../../rules/offers.ts'

/** What the key may ask for, of the model that is chosen. */
export function useOffers(model: string): Offers {
  const models = useQuery({
    queryKey: ['models'],
    queryFn: ({ signal }) => bodyOf(api.GET('/models', { params: { query: { limit: 100 } }, signal })),
    staleTime: 60_000,
  })
  return offersOf(models.data?.data ?? [], model)
}
