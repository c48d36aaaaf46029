import { sql } from 'kysely'
import { z } from 'zod'
import { sharedCopies } from '../../domain/fleet/shared-copy.ts'
import type { SharedCopy } from '../../domain/fleet/shared-copy.ts'
import type { CopyVersions } from '../../ports/operations/copy-versions.ts'
import type { Database } from '../engine/database.ts'

const versionRow = z.object({ name: z.string(), version: z.number() })

/** Triggers of PostgreSQL count; an embedded database has one process, whose memory is never behind. */
export function createCopyVersions({ read }: Pick<Database, 'read'>): CopyVersions {
  return {
    async all() {
      const { rows } = await sql`select name, version from copy_versions`.execute(read)
      const versions = new Map<SharedCopy, number>()
      for (const row of rows) {
        const { name, version } = versionRow.parse(row)
        const copy = sharedCopies.find((each) => each === name)
        // A later release may keep more.
        if (copy !== undefined) versions.set(copy, version)
      }
      return versions
    },
  }
}
