import { z } from 'zod'
import { filterErrors, searchWords } from '../../../domain/generation/search/generation-filter.ts'
import type { GenerationFilter } from '../../../domain/generation/search/generation-filter.ts'
import { attemptStates } from '../../../domain/generation/generation.ts'
import { generationStatuses } from '../../../domain/generation/history.ts'
import { model } from './generate.ts'
import { characterRef, instant, text, toMsOrNull, trueOrFalse } from '../fields.ts'

const name = text(64, z.string().min(1))
const longestAgeSeconds = 3650 * 24 * 60 * 60

const conditions = {
  tenant: name.optional().meta({
    description: 'Other tenants than the own one require the scope `observe` or `operate`.',
  }),
  key: name.optional().meta({ description: 'The name of a key.' }),
  status: z.enum(generationStatuses).optional(),
  attempt_state: z.enum(attemptStates).optional().meta({
    description: 'Generations with an attempt in this state; with `upstream`, an attempt there.',
  }),
  upstream: name.optional().meta({ description: 'Generations with an attempt at this upstream.' }),
  model: model.optional(),
  character: characterRef.optional().meta({
    description: 'Only generations with this character. Use its ID if it was deleted.',
    examples: ['coffee_girl'],
  }),
  error: z.enum(filterErrors).optional().meta({
    description:
      'The `error.code` of the generation, or the `failure.code` of an attempt; with `upstream` or `attempt_state`, of such an attempt.',
  }),
  created_from: instant.optional().meta({ description: 'Created at this time or later.' }),
  created_to: instant.optional().meta({ description: 'Created before this time.' }),
  metadata: z
    .record(text(128, z.string().min(1)), text(512))
    .refine((entries) => Object.keys(entries).length <= 5, 'must have at most 5 entries')
    .optional()
    .meta({ maxProperties: 5, description: 'Generations with all of these entries in their metadata.' }),
  q: text(200)
    .refine((search) => searchWords(search).length <= 10, 'must have at most 10 words')
    .optional()
    .meta({
      description:
        'Words of the prompt, in any order and case. Prompts of other tenants require the scope `operate_prompts`.',
    }),
}

const attention =
  'Only generations that need a person: an attempt is `unknown` or `abandoned` (also after the generation has ended), or was paid without a video and is not resolved, or the generation is overdue.'
const ofAge = 'Created longer ago than this.'

/** The filter as the members of a query. */
export const filterQuery = {
  ...conditions,
  older_than_seconds: z.coerce
    .number()
    .int()
    .min(0)
    .max(longestAgeSeconds)
    .optional()
    .meta({ description: ofAge }),
  attention: trueOrFalse.optional().meta({ description: attention }),
}

/** The filter as a member of a JSON body. */
export const GenerationFilterBody = z
  .strictObject({
    ...conditions,
    older_than_seconds: z.int().min(0).max(longestAgeSeconds).optional().meta({ description: ofAge }),
    attention: z.boolean().optional().meta({ description: attention }),
  })
  .meta({
    id: 'GenerationFilter',
    description: 'All conditions hold together.',
    examples: [{ attention: true }],
  })

type Asked = Omit<z.output<typeof GenerationFilterBody>, 'attention'> & {
  attention?: boolean | 'true' | 'false' | undefined
}

export function toGenerationFilter(asked: Asked): GenerationFilter {
  const { created_from: from, created_to: to, older_than_seconds: age, metadata = {} } = asked
  return {
    tenant: asked.tenant ?? null,
    key: asked.key ?? null,
    status: asked.status ?? null,
    attemptState: asked.attempt_state ?? null,
    upstream: asked.upstream ?? null,
    model: asked.model ?? null,
    character: asked.character ?? null,
    error: asked.error ?? null,
    createdFrom: toMsOrNull(from),
    createdTo: toMsOrNull(to),
    olderThanMs: age === undefined ? null : age * 1000,
    metadata: Object.entries(metadata),
    words: searchWords(asked.q ?? ''),
    attention: asked.attention === true || asked.attention === 'true',
  }
}
