import { z } from 'zod'
import { characterRef, generationId, text } from '../fields.ts'
import { asked } from '../generations/generate.ts'

const scene = text(32_000, z.string().trim().min(1))

/** The body of `POST /comparisons`. */
export const ComparisonRequest = z
  .strictObject({
    character: characterRef.meta({ description: 'By its id or name.', examples: ['coffee_girl'] }),
    scenes: z
      .array(scene)
      .min(1)
      .max(10)
      .meta({ description: 'Prompts; each mentions the character as `@name`.' }),
    runs: z.int().min(1).max(5).default(1).meta({ description: 'How often each scene is rendered.' }),
    upstreams: z.array(z.string().min(1).max(64)).min(1).max(8),
    model: asked.model,
    duration: asked.duration.meta({ description: 'Seconds; 5 when not said.' }),
    size: asked.size,
    max_cost_usd: z.number().min(0).max(1_000_000).meta({
      description: 'Ceiling over all videos. When their worst case is dearer, nothing is rendered.',
    }),
  })
  .meta({
    id: 'ComparisonRequest',
    examples: [
      {
        character: 'coffee_girl',
        scenes: ['@coffee_girl walks on the beach at sunset', '@coffee_girl in a crowded tram'],
        runs: 3,
        upstreams: ['reseller-a', 'openai'],
        duration: 5,
        max_cost_usd: 12,
      },
    ],
  })

const points = z.number().min(0).max(100)

/** The body of `POST /comparisons/{id}/scores`. */
export const ScoresRequest = z
  .strictObject({
    rater: text(80, z.string().trim().min(1)).optional().meta({
      description:
        'Who says so; the key’s name when not said. What one says again replaces what one said before.',
    }),
    scores: z
      .array(z.strictObject({ generation_id: generationId, face: points, clothing: points, style: points }))
      .min(1)
      .max(400),
  })
  .meta({
    id: 'ScoresRequest',
    description: 'How well a video keeps the character, 0 to 100.',
    examples: [
      {
        rater: 'mia',
        scores: [{ generation_id: 'gen_01kasp3v5tq8c9d4wz7m2n6xhr', face: 92, clothing: 88, style: 90 }],
      },
    ],
  })
