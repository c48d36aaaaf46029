import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Schema } from '../schema.ts'
import { parseGeneration } from './generation-rows.ts'

/** Of the documents behind what is kept, in characters: some 2,000 generations. As objects they take up to three times that. */
const mostKept = 4 * 1024 * 1024

/** Without its document where the version is the known one. */
const newerRow = z.object({ version: z.number(), doc: z.string().nullable() })

/** No row has it. */
const noVersion = 0

/**
 * Those that are asked for again and again are parsed once for each version. The version is read each time: another node, or
 * another process, may have written a newer one.
 */
export function createCurrentGenerations(
  read: Kysely<Schema>,
  most: number = mostKept,
): GenerationStore['current'] {
  const selectNewer = prepareQuery<{ id: string; version: number }>((parameter) =>
    read
      .selectFrom('generations')
      .select([
        'version',
        sql<string | null>`case when version = ${parameter('version')} then null else doc end`.as('doc'),
      ])
      .where('id', '=', parameter('id')),
  )
  /** The one that was asked for last at the end. */
  const kept = new Map<string, { stored: Stored; size: number }>()
  let size = 0

  function drop(id: string): void {
    size -= kept.get(id)?.size ?? 0
    kept.delete(id)
  }

  function keep(id: string, entry: { stored: Stored; size: number }): void {
    kept.set(id, entry)
    size += entry.size
    for (const oldest of kept.keys()) {
      if (size <= most) return
      drop(oldest)
    }
  }

  return async (id) => {
    const known = kept.get(id)
    const [row] = await selectNewer(read, { id, version: known?.stored.version ?? noVersion })
    const newer = row === undefined ? null : newerRow.parse(row)
    if (known !== undefined && newer !== null && newer.doc === null) {
      // Another read may have replaced it meanwhile.
      if (kept.get(id) === known) {
        kept.delete(id)
        kept.set(id, known)
      }
      return known.stored
    }
    drop(id)
    if (newer === null || newer.doc === null) return null
    const stored = { generation: parseGeneration(newer.doc), version: newer.version }
    keep(id, { stored, size: newer.doc.length })
    return stored
  }
}
