import { sql } from 'kysely'
import { z } from 'zod'
import type { GenerationStore, Stored } from '../../ports/generations/generation-store.ts'
import { prepareQuery } from '../engine/prepared-query.ts'
import type { Database } from '../engine/database.ts'
import { parseGeneration } from './generation-rows.ts'

/** Of the documents behind what is kept, in characters: some 2,000 generations. As objects they take up to three times that. */
const mostKept = 4 * 1024 * 1024

/** Without its document where the version is the known one. */
const newerRow = z.object({ version: z.number(), doc: z.string().nullable() })

/** No row has it. */
const noVersion = 0

interface Kept {
  stored: Stored
  size: number
  /** The number of commits when it was the current one; null where nobody counts them. */
  commits: number | null
}

/**
 * Those that are asked for again and again are parsed once for each version. The version is read each time, because another
 * node may have written a newer one; where one process owns the database, it is read only after a commit.
 */
export function createCurrentGenerations(
  { read, commits: countCommits }: Pick<Database, 'read' | 'commits'>,
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
  const kept = new Map<string, Kept>()
  let size = 0

  function drop(id: string): void {
    size -= kept.get(id)?.size ?? 0
    kept.delete(id)
  }

  function used(id: string, entry: Kept): void {
    kept.delete(id)
    kept.set(id, entry)
  }

  function keep(id: string, entry: Kept): void {
    kept.set(id, entry)
    size += entry.size
    for (const oldest of kept.keys()) {
      if (size <= most) return
      drop(oldest)
    }
  }

  return async (id) => {
    const known = kept.get(id)
    const commits = countCommits?.() ?? null
    if (known !== undefined && commits !== null && known.commits === commits) {
      used(id, known)
      return known.stored
    }
    const [row] = await selectNewer(read, { id, version: known?.stored.version ?? noVersion })
    const newer = row === undefined ? null : newerRow.parse(row)
    if (known !== undefined && newer !== null && newer.doc === null) {
      // Another read may have replaced it meanwhile.
      if (kept.get(id) === known) used(id, { ...known, commits })
      return known.stored
    }
    drop(id)
    if (newer === null || newer.doc === null) return null
    const stored = { generation: parseGeneration(newer.doc), version: newer.version }
    keep(id, { stored, size: newer.doc.length, commits })
    return stored
  }
}
