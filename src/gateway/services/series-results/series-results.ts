import type { Client } from '../../domain/accounts/client.ts'
import type { SeriesId } from '../../domain/ids.ts'
import type { SeriesManifest } from '../../domain/series/manifest.ts'

/** What a series came to. Failures are thrown as `Problem`; another tenant's series is `not_found`. */
export interface SeriesResults {
  manifest(client: Client, id: SeriesId): Promise<SeriesManifest>
}
