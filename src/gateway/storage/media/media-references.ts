import { sql } from 'kysely'
import { z } from 'zod'
import type { MediaReferences } from '../../ports/media/media-references.ts'
import { characterId } from '../characters/character-rows.ts'
import type { Database } from '../engine/database.ts'
import { unnamedIn } from './unnamed-media.ts'

const beganRow = z.object({ at: z.iso.datetime().transform((text) => Date.parse(text)) })
const clipRow = z.object({ character: characterId, clip: z.templateLiteral(['media_', z.string()]) })

/** `file` is the one that the database is in. */
export function createMediaReferences({ read }: Database, file: string): MediaReferences {
  return {
    async beganAt() {
      const { rows } = await sql`select min(timestamp) as at from kysely_migration`.execute(read)
      return beganRow.parse(rows[0]).at
    },
    unnamed: (ids, signal) => unnamedIn(file, ids, signal),
    async clipsAfter(after, limit) {
      const { rows } = await sql`select id as character, json_extract(doc, '$.clip.mediaId') as clip
        from characters where id > ${after ?? ''} order by id limit ${limit}`.execute(read)
      return z.array(clipRow).parse(rows)
    },
  }
}
