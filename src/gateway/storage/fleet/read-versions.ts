import { z } from 'zod'
import { isGenerationId, isSeriesId } from '../../domain/ids.ts'
import type { ReadVersions } from '../../ports/stored-versions.ts'
import type { Database } from '../engine/database.ts'

const versionRow = z.object({ id: z.string(), version: z.number() })

export function createReadVersions({ read }: Pick<Database, 'read'>): ReadVersions {
  async function versionsIn(table: 'generations' | 'series', ids: readonly string[]) {
    if (ids.length === 0) return []
    return read
      .selectFrom(table)
      .select(['id', 'version'])
      .where('id', 'in', [...ids])
      .execute()
  }

  return async (ids) => {
    const rows = [
      ...(await versionsIn('generations', ids.filter(isGenerationId))),
      ...(await versionsIn('series', ids.filter(isSeriesId))),
    ]
    return new Map(rows.map((row) => versionRow.parse(row)).map(({ id, version }) => [id, version]))
  }
}
