import type { Client } from '../../domain/accounts/client.ts'
import type { CatalogueModel } from '../../domain/catalogue/catalogue.ts'

export interface ListedModel extends CatalogueModel {
  /** Whether requests that name no model get this one. */
  isDefault: boolean
}

/** What the key of a client may ask for now. */
export interface CatalogueService {
  /** Sorted. */
  ids(client: Client): string[]
  /** Sorted by id, after `after`. */
  list(
    client: Client,
    page: { after: string | null; limit: number },
  ): { data: ListedModel[]; hasMore: boolean }
  /** Throws `not_found` where the key may not use the model or no upstream offers it. */
  get(client: Client, id: string): ListedModel
}
