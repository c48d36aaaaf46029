import { z } from 'zod'
import { searchStates } from '../../../domain/restore/restored-job.ts'
import { namedMediaKinds } from '../../../ports/media/media-references.ts'
import { missingMediaStates } from '../../../services/restore/missing-media.ts'
import type { RestoreReport } from '../../../services/operations/operations.ts'
import { timestamp, toTimestamp, toTimestampOrNull } from '../fields.ts'

export const ReleaseRequest = z
  .strictObject({
    unsearched: z.boolean().default(false).meta({
      description:
        'Release even if an upstream could not be searched for jobs created after the backup. Such jobs may be paid for twice.',
    }),
  })
  .meta({ id: 'ReleaseRequest' })

export const Release = z
  .object({ released: z.boolean().meta({ description: 'False if there was no hold.' }) })
  .meta({ id: 'Release', examples: [{ released: true }] })
export type Release = z.output<typeof Release>

const unownedJob = z
  .object({
    upstream_id: z.string(),
    model: z.string().nullable(),
    prompt: z.string().nullable().meta({ description: 'Null without the scope `operate_prompts`.' }),
    created_at: timestamp.nullable(),
  })
  .meta({ id: 'UnownedJob', description: 'A job at an upstream that belongs to no known attempt.' })

const search = z
  .object({
    upstream: z.string(),
    state: z.enum(searchStates).meta({
      description:
        '`no_list`: this upstream does not list its jobs. Check its dashboard for jobs created after the backup.',
    }),
    searched_at: timestamp.nullable(),
    message: z.string().nullable(),
    unowned_jobs: z.array(unownedJob),
  })
  .meta({ id: 'RestoreSearch' })

const missingMedia = z
  .object({
    state: z.enum(missingMediaStates).meta({
      description: '`not_checked`: there was no hold since this process started.',
    }),
    count: z.int().meta({ description: 'The number of missing files found so far.' }),
    media: z.array(
      z.object({
        owner: z
          .string()
          .meta({ description: 'The ID of the generation or character that refers to the file.' }),
        kind: z.enum(namedMediaKinds),
        media_id: z.string(),
      }),
    ),
  })
  .meta({
    id: 'MissingMedia',
    description:
      'Files that restored records refer to but the archive does not have: the first 100 and the total count. Copy them from the original archive.',
  })

export const RestoreDto = z
  .object({
    held_since: timestamp
      .nullable()
      .meta({ description: 'When the backup was made. Null if there is no hold.' }),
    moved_away: z
      .object({
        at: timestamp,
        to: z.string().meta({ description: 'The folder of the export.' }),
      })
      .nullable()
      .meta({
        description:
          'Where this installation was moved to with `understudy export`; null if it was not. It sends nothing, and cannot be released until `understudy export --take-back`.',
      }),
    upstreams: z.array(search),
    missing_media: missingMedia,
  })
  .meta({
    id: 'Restore',
    examples: [
      {
        held_since: '2026-11-27T08:00:00.000Z',
        moved_away: null,
        upstreams: [
          {
            upstream: 'openai',
            state: 'searched',
            searched_at: '2026-11-27T09:00:00.000Z',
            message: null,
            unowned_jobs: [
              {
                upstream_id: 'video_68f2',
                model: 'sora-2',
                prompt: null,
                created_at: '2026-11-27T08:00:04.000Z',
              },
            ],
          },
        ],
        missing_media: {
          state: 'checked',
          count: 1,
          media: [
            {
              owner: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr',
              kind: 'video',
              media_id: 'media_01kasp3v5tq8c9d4wz7m2n6xhr',
            },
          ],
        },
      },
    ],
  })
export type RestoreDto = z.output<typeof RestoreDto>

export function toRestoreDto(
  { heldSince, movedAway, searches, missing }: RestoreReport,
  showsPrompts: boolean,
): RestoreDto {
  return {
    held_since: toTimestampOrNull(heldSince),
    moved_away: movedAway && { at: toTimestamp(movedAway.at), to: movedAway.to },
    missing_media: {
      state: missing.state,
      count: missing.count,
      media: missing.media.map(({ owner, kind, mediaId }) => ({ owner, kind, media_id: mediaId })),
    },
    upstreams: searches.map(({ upstream, state, searchedAt, message, jobs }) => ({
      upstream,
      state,
      searched_at: toTimestampOrNull(searchedAt),
      message,
      unowned_jobs: jobs.map(({ upstreamId, model, prompt, createdAt }) => ({
        upstream_id: upstreamId,
        model,
        prompt: showsPrompts ? prompt : null,
        created_at: toTimestampOrNull(createdAt),
      })),
    })),
  }
}
