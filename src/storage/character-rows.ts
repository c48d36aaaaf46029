import { z } from 'zod'
import type { Binding, Character } from '../domain/character.ts'
import { json } from './generation-document.ts'
import type { BindingsTable, CharactersTable } from './schema.ts'

const characterId = z.templateLiteral(['char_', z.string()])

/** A field added to the domain needs a `.default(…)` here, as in a generation's document. */
const characterDocument: z.ZodType<Character> = z.object({
  id: characterId,
  tenant: z.string(),
  name: z.string(),
  label: z.string().exactOptional(),
  description: z.string(),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('url'), url: z.string() }),
    z.object({ type: z.literal('upload'), fileName: z.string() }),
    z.object({ type: z.literal('generation'), generationId: z.templateLiteral(['gen_', z.string()]) }),
  ]),
  clip: z.object({
    mediaId: z.templateLiteral(['media_', z.string()]),
    contentType: z.string(),
    bytes: z.number(),
    sha256: z.string(),
    durationSeconds: z.number(),
    width: z.number(),
    height: z.number(),
  }),
  createdAt: z.number(),
  updatedAt: z.number(),
})

const bindingColumns = z.object({
  character_id: characterId,
  upstream: z.string(),
  state: z.enum(['pending', 'ready', 'failed', 'revoked']),
  handle: z.string().nullable(),
  operation: z.string(),
  failure: z.string().nullable(),
  updated_at: z.number(),
})

export function characterRow(character: Character): CharactersTable {
  const { id, tenant, name, label = '', description } = character
  return {
    id,
    tenant,
    name,
    search_text: searchable(`${name}\n${label}\n${description}`),
    doc: JSON.stringify(character),
  }
}

/** Lower-cased here, because SQLite's own lower() and LIKE know the case of ASCII letters only. */
export function searchable(text: string): string {
  return text.toLowerCase()
}

export function parseCharacter(doc: string): Character {
  return characterDocument.parse(JSON.parse(doc))
}

export function parseBinding(row: BindingsTable): Binding {
  const { character_id, upstream, state, handle, operation, failure, updated_at } = bindingColumns.parse(row)
  return {
    characterId: character_id,
    upstream,
    state,
    handle,
    operation: json.parse(JSON.parse(operation)),
    failure,
    updatedAt: updated_at,
  }
}
