import { sql } from 'kysely'
import { z } from 'zod'
import type { MediaReferences } from '../../ports/media/media-references.ts'
import { generationId } from '../generations/generation-document.ts'
import { characterId } from '../characters/character-rows.ts'
import type { Database } from '../engine/database.ts'

const beganRow = z.object({ at: z.iso.datetime().transform((text) => Date.parse(text)) })
const mediaId = z.templateLiteral(['media_', z.string()])
const mediaIds = z
  .string()
  .nullable()
  .transform((text): unknown => (text === null ? [] : JSON.parse(text)))
  .pipe(z.array(z.object({ mediaId }).transform((each) => each.mediaId)))
const clipRow = z.object({ character: characterId, clip: mediaId.nullable(), stills: mediaIds })

const generationMedia = ['video', 'reference', 'source'] as const
const namedRow = z.object({
  id: generationId,
  video: mediaId.nullable(),
  reference: mediaId.nullable(),
  source: mediaId.nullable(),
  first_frame: mediaId.nullable(),
  last_frame: mediaId.nullable(),
  inputs: mediaIds,
})

/** `unnamed`: how the engine finds what no record names. */
export function createMediaReferences(
  { read }: Database,
  unnamed: MediaReferences['unnamed'],
): MediaReferences {
  return {
    async beganAt() {
      const { rows } = await sql`select min(timestamp) as at from kysely_migration`.execute(read)
      return beganRow.parse(rows[0]).at
    },
    unnamed,
    async namedAfter(after, limit) {
      const { rows } = await sql`select id,
          case when video_at is not null then json_extract(doc, '$.video.mediaId') end as video,
          case when status in ('queued', 'in_progress') then json_extract(doc, '$.request.reference.mediaId') end as reference,
          case when status in ('queued', 'in_progress') then json_extract(doc, '$.request.source.mediaId') end as source,
          case when status in ('queued', 'in_progress') then json_extract(doc, '$.request.firstFrame.mediaId') end as first_frame,
          case when status in ('queued', 'in_progress') then json_extract(doc, '$.request.lastFrame.mediaId') end as last_frame,
          case when status in ('queued', 'in_progress') then json_extract(doc, '$.request.references') end as inputs
        from generations where id > ${after ?? ''} order by id limit ${limit}`.execute(read)
      const found = z.array(namedRow).parse(rows)
      const all = found.flatMap(({ id, inputs, first_frame: first, last_frame: last, ...files }) => [
        ...generationMedia.flatMap((kind) => {
          const named = files[kind]
          return named === null ? [] : [{ owner: id, kind, mediaId: named }]
        }),
        ...[first, last, ...inputs].flatMap((named) =>
          named === null ? [] : [{ owner: id, kind: 'input' as const, mediaId: named }],
        ),
      ])
      return { named: all, last: found.at(-1)?.id ?? null, read: found.length }
    },
    async clipsAfter(after, limit) {
      const { rows } = await sql`select id as character, json_extract(doc, '$.clip.mediaId') as clip,
          json_extract(doc, '$.stills.pictures') as stills
        from characters where id > ${after ?? ''} order by id limit ${limit}`.execute(read)
      return z.array(clipRow).parse(rows)
    },
  }
}
