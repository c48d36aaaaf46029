import { z } from 'zod'
import { bindingFailureCodes, bindingStates, bindingSteps } from '../../domain/characters/binding.ts'
import { storedWord } from '../stored-word.ts'
import type { Binding } from '../../domain/characters/binding.ts'
import { characterMaterials } from '../../domain/characters/character.ts'
import type { Character } from '../../domain/characters/character.ts'
import { json } from '../generations/request-document.ts'
import type { BindingsTable, CharactersTable } from '../tables/character-tables.ts'

export const characterId = z.templateLiteral(['char_', z.string()])

const picture = z.object({
  mediaId: z.templateLiteral(['media_', z.string()]),
  contentType: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  width: z.number(),
  height: z.number(),
})

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
    z.object({ type: z.literal('pictures'), count: z.number() }),
  ]),
  clip: picture.extend({ durationSeconds: z.number() }).nullable(),
  stills: z.object({ from: storedWord(characterMaterials), pictures: z.array(picture) }).exactOptional(),
  voice: picture.omit({ width: true, height: true }).extend({ durationSeconds: z.number() }).exactOptional(),
  createdAt: z.number(),
  updatedAt: z.number(),
})

const bindingColumns = z.object({
  character_id: characterId,
  upstream: z.string(),
  state: storedWord(bindingStates),
  step: storedWord(bindingSteps).nullable(),
  handle: z.string().nullable(),
  operation: z.string(),
  span: z.string().nullable(),
  failure: z.string().nullable(),
  failure_code: storedWord(bindingFailureCodes).nullable(),
  retry_at: z.number().nullable(),
  orphans: z.number(),
  asked_by: z.string().nullable(),
  creations: z.number(),
  lease_owner: z.string().nullable(),
  lease_until: z.number().nullable(),
  sent_at: z.number().nullable(),
  silence: z.number(),
  crash_points: z.number(),
  updated_at: z.number(),
  origin: z.string().nullable(),
  credential: z.string().nullable(),
})

const span = z.object({ start: z.number(), end: z.number() })

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

/** Lower-cased here, because SQLite's lower() and LIKE only handle ASCII letters. */
export function searchable(text: string): string {
  return text.toLowerCase()
}

export function parseCharacter(doc: string): Character {
  return characterDocument.parse(JSON.parse(doc))
}

export function parseBinding(row: BindingsTable): Binding {
  const columns = bindingColumns.parse(row)
  const { state, failure, origin, credential } = columns
  return {
    characterId: columns.character_id,
    upstream: columns.upstream,
    account: origin === null ? null : { origin, credential },
    state,
    // Null in rows of releases that did not store whether the creation had been sent.
    step: state === 'pending' ? (columns.step ?? 'sent') : null,
    handle: columns.handle,
    operation: json.parse(JSON.parse(columns.operation)),
    span: columns.span === null ? null : span.parse(JSON.parse(columns.span)),
    failure:
      failure === null
        ? null
        : { code: columns.failure_code ?? 'character_invalid', message: failure, retryAt: columns.retry_at },
    orphans: columns.orphans,
    askedBy: columns.asked_by,
    creations: columns.creations,
    claim: columns.lease_owner,
    dueAt: columns.lease_until,
    sentAt: columns.sent_at,
    silence: columns.silence,
    crashPoints: columns.crash_points,
    updatedAt: columns.updated_at,
  }
}

export function bindingRow(binding: Binding): BindingsTable {
  const { failure, account } = binding
  return {
    character_id: binding.characterId,
    upstream: binding.upstream,
    state: binding.state,
    step: binding.step,
    handle: binding.handle,
    operation: JSON.stringify(binding.operation),
    span: binding.span && JSON.stringify(binding.span),
    failure: failure && failure.message,
    failure_code: failure && failure.code,
    retry_at: failure && failure.retryAt,
    orphans: binding.orphans,
    asked_by: binding.askedBy,
    creations: binding.creations,
    lease_owner: binding.claim,
    lease_until: binding.dueAt,
    sent_at: binding.sentAt,
    silence: binding.silence,
    crash_points: binding.crashPoints,
    updated_at: binding.updatedAt,
    origin: account && account.origin,
    credential: account && account.credential,
  }
}
