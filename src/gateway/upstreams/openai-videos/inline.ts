import type { CreateRequest } from '../../ports/upstream.ts'
import { timestampsOf } from '../clip-span.ts'
import type { Unsupported } from '../dialect.ts'
import { operationSchema } from './job.ts'
import type { Traits } from './traits.ts'

/**
 * `character_from_task` or `character_url`, and `character_timestamps`
 * (docs/vendors/resellers.md#characters-in-the-create): one character at most.
 */
export function inlineFields(
  { inlineCharacters }: CreateRequest,
  traits: Traits,
): { type: 'fields'; fields: Record<string, string> } | Unsupported {
  const [character, ...others] = inlineCharacters
  if (character === undefined) return { type: 'fields', fields: {} }
  if (!traits.inline_characters)
    return { type: 'unsupported', message: 'The upstream does not support characters in a request.' }
  if (others.length > 0)
    return { type: 'unsupported', message: 'The upstream supports one character per request.' }
  const job = operationSchema.safeParse(character.fromJob).data?.id
  const source = job === undefined ? { character_url: character.clip.url } : { character_from_task: job }
  return { type: 'fields', fields: { ...source, character_timestamps: timestampsOf(character.span) } }
}
