import { z } from 'zod'
import { searchStates } from '../../../services/operations/restored-jobs.ts'
import type { UpstreamSearch } from '../../../services/operations/restored-jobs.ts'
import { timestamp, toTimestampOrNull } from '../fields.ts'

export const ReleaseRequest = z
  .strictObject({
    unsearched: z.boolean().default(false).meta({
      description:
        'Release although an upstream could not be asked for jobs made since the copy was taken. They may be paid twice.',
    }),
  })
  .meta({ id: 'ReleaseRequest' })

export const Release = z
  .object({ released: z.boolean().meta({ description: 'False when nothing was held.' }) })
  .meta({ id: 'Release', examples: [{ released: true }] })
export type Release = z.output<typeof Release>

const unownedJob = z
  .object({
    upstream_id: z.string(),
    model: z.string().nullable(),
    prompt: z.string().nullable().meta({ description: 'Null without the scope `operate_prompts`.' }),
    created_at: timestamp.nullable(),
  })
  .meta({ id: 'UnownedJob', description: 'A job that an upstream lists and no attempt here owns.' })

const search = z
  .object({
    upstream: z.string(),
    state: z.enum(searchStates).meta({
      description:
        '`no_list`: this upstream does not list its jobs; only its own records say what it made since the copy was taken.',
    }),
    searched_at: timestamp.nullable(),
    message: z.string().nullable(),
    unowned_jobs: z.array(unownedJob),
  })
  .meta({ id: 'RestoreSearch' })

export const RestoreDto = z
  .object({
    held_since: timestamp
      .nullable()
      .meta({ description: 'When the copy was taken; null when nothing is held.' }),
    upstreams: z.array(search),
  })
  .meta({
    id: 'Restore',
    examples: [
      {
        held_since: '2026-11-27T08:00:00.000Z',
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
      },
    ],
  })
export type RestoreDto = z.output<typeof RestoreDto>

export function toRestoreDto(
  { heldSince, searches }: { heldSince: number | null; searches: UpstreamSearch[] },
  showsPrompts: boolean,
): RestoreDto {
  return {
    held_since: toTimestampOrNull(heldSince),
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
