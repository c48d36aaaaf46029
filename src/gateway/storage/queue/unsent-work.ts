import { z } from 'zod'
import { isGenerationId } from '../../domain/ids.ts'
import type { UnsentPlace, UnsentWork } from '../../ports/operations/unsent-work.ts'
import type { Database } from '../engine/database.ts'
import { parseGeneration } from '../generations/generation-rows.ts'

const keyRow = z.object({ tenant: z.string(), key: z.string() })
const placeRow = z.object({ id: z.string().refine(isGenerationId), key: z.string() })
const storedRow = z.object({ doc: z.string(), version: z.number() })

/** Ids per statement, so that no query reads many documents at once. */
const documentsAtOnce = 100

export function createUnsentWork({ read }: Database): UnsentWork {
  return {
    async keys() {
      const rows = await read
        .selectFrom('key_open')
        .select(['tenant', 'key'])
        .groupBy(['tenant', 'key'])
        .having(({ fn }) => fn.sum('generations'), '>', 0)
        .execute()
      return z.array(keyRow).parse(rows)
    },
    async page({ tenant, key }, from, limit) {
      // Uses an index on the tenant; parses only the documents of this key.
      const rows = await read
        .selectFrom('generations')
        .select(['id', 'key'])
        .where('tenant', '=', tenant)
        .where('status', '=', from.status)
        .$if(from.after !== null, (query) => query.where('id', '>', from.after ?? ''))
        .orderBy('id')
        .limit(limit)
        .execute()
      const places = z.array(placeRow).parse(rows)
      const ids = places.filter((each) => each.key === key).map(({ id }) => id)
      const stored: unknown[] = []
      for (let first = 0; first < ids.length; first += documentsAtOnce) {
        stored.push(
          ...(await read
            .selectFrom('generations')
            .select(['doc', 'version'])
            .where('id', 'in', ids.slice(first, first + documentsAtOnce))
            .orderBy('id')
            .execute()),
        )
      }
      return { found: stored.flatMap(readable), next: following(from, places, limit) }
    },
  }
}

function following(
  from: UnsentPlace,
  places: Array<z.output<typeof placeRow>>,
  limit: number,
): UnsentPlace | null {
  const last = places.at(-1)
  if (last !== undefined && places.length === limit) return { ...from, after: last.id }
  return from.status === 'queued' ? { status: 'in_progress', after: null } : null
}

/** A document that cannot be parsed must not keep the others from being ended. */
function readable(row: unknown) {
  const { doc, version } = storedRow.parse(row)
  try {
    return [{ generation: parseGeneration(doc), version }]
  } catch (error) {
    process.emitWarning(new Error('skipping a stored generation that cannot be read', { cause: error }))
    return []
  }
}
