import { z } from 'zod'
import { characterRef, generationId, text } from '../fields.ts'
import { asked } from '../generations/generate.ts'

const scene = text(32_000, z.string().trim().min(1))

/** The body of `POST /comparisons`. */
export const ComparisonRequest = z
  .strictObject({
    name: text(100, z.string().trim().min(1))
      .optional()
      .meta({ description: 'What to call the comparison in lists.' }),
    character: characterRef.meta({
      description: 'The ID or name of the character.',
      examples: ['coffee_girl'],
    }),
    scenes: z
      .array(scene)
      .min(1)
      .max(10)
      .meta({ description: 'Prompts. Each must mention the character as `@name`.' }),
    runs: z
      .int()
      .min(1)
      .max(5)
      .default(1)
      .meta({ description: 'How many times each scene is rendered per upstream.' }),
    upstreams: z.array(z.string().min(1).max(64)).min(1).max(8),
    model: asked.model,
    duration: asked.duration.meta({ description: 'Length in seconds. Default: 5.' }),
    size: asked.size,
    max_cost_usd: z.number().min(0).max(1_000_000).meta({
      description:
        'The cost limit for all videos together. If the worst case exceeds it, nothing is rendered.',
    }),
  })
  .meta({
    id: 'ComparisonRequest',
    examples: [
      {
        name: 'Who keeps her apron',
        character: 'coffee_girl',
        scenes: ['@coffee_girl walks on the beach at sunset', '@coffee_girl in a crowded tram'],
        runs: 3,
        upstreams: ['reseller-a', 'openai'],
        duration: 5,
        max_cost_usd: 0,
      },
    ],
  })

/** The body of `POST /comparisons/route`. */
export const ComparisonPreviewRequest = ComparisonRequest.partial({ max_cost_usd: true }).meta({
  id: 'ComparisonPreviewRequest',
  description: 'As for `POST /comparisons`; `max_cost_usd` is not looked at.',
  examples: [
    {
      character: 'coffee_girl',
      scenes: ['@coffee_girl walks on the beach at sunset'],
      upstreams: ['reseller-a', 'openai'],
    },
  ],
})

const points = z.number().min(0).max(100)

/** The body of `POST /comparisons/{id}/scores`. */
export const ScoresRequest = z
  .strictObject({
    rater: text(80, z.string().trim().min(1)).optional().meta({
      description:
        'Who gives the score. Default: the name of the key. A new score replaces the earlier one of the same person.',
    }),
    scores: z
      .array(z.strictObject({ generation_id: generationId, face: points, clothing: points, style: points }))
      .min(1)
      .max(400),
  })
  .meta({
    id: 'ScoresRequest',
    description: 'How well a video keeps the character, from 0 to 100.',
    examples: [
      {
        rater: 'mia',
        scores: [{ generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr', face: 92, clothing: 88, style: 90 }],
      },
    ],
  })
