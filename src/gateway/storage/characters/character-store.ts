import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Character } from '../../domain/characters/character.ts'
import type { CharacterId } from '../../domain/ids.ts'
import type { CharacterStore, CharacterUpdate } from '../../ports/characters/character-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import { createBindingStore } from './character-bindings.ts'
import { createCharacterScores } from './character-scores.ts'
import { characterId, characterRow, parseCharacter, searchable } from './character-rows.ts'
import type { Database } from '../engine/database.ts'
import { characterNamesLock } from '../engine/lock-names.ts'
import type { Schema } from '../schema.ts'

/** Characters as one JSON document each, found by id, by name in a tenant, or by text. */
export function createCharacterStore(database: Database): CharacterStore {
  const { read, write } = database
  const appendAudit = prepareAppendAudit(read)
  return {
    ...createBindingStore(database),
    scores: createCharacterScores(database),
    ...readsOf(read),
    insert: (character, audit) =>
      write(
        async (transaction) => {
          const row = await transaction
            .insertInto('characters')
            .values(characterRow(character))
            .onConflict((conflict) => conflict.columns(['tenant', 'name']).doNothing())
            .returning('id')
            .executeTakeFirst()
          if (row === undefined) return 'name_taken'
          if (audit !== undefined) await appendAudit(transaction, audit)
          return 'inserted'
        },
        { locks: [characterNamesLock(character.tenant)] },
      ),
    update: (character, audit) =>
      write(
        async (transaction) => {
          const outcome = await update(transaction, character, database.skipLocked)
          if (outcome === 'updated' && audit !== undefined) await appendAudit(transaction, audit)
          return outcome
        },
        { locks: [characterNamesLock(character.tenant)] },
      ),
    changeStills: (id, change, audit) =>
      write(
        async (transaction) => {
          const character = await locked(transaction, id, database.skipLocked)
          if (character === null) return null
          const before = character.stills ?? null
          const stills = change(character)
          if (stills === null) return { character, before }
          const changed = { ...character, stills }
          await transaction
            .updateTable('characters')
            .set({ doc: characterRow(changed).doc })
            .where('id', '=', id)
            .execute()
          if (audit !== undefined) await appendAudit(transaction, audit)
          return { character: changed, before }
        },
        { locks: [] },
      ),
    remove: (id, audit) =>
      write(
        async (transaction) => {
          const removed = await transaction
            .deleteFrom('characters')
            .where('id', '=', id)
            .returning('id')
            .executeTakeFirst()
          if (removed !== undefined && audit !== undefined) await appendAudit(transaction, audit)
        },
        { locks: [] },
      ),
  }
}

function readsOf(read: Kysely<Schema>): Pick<CharacterStore, 'get' | 'getByName' | 'idsByName' | 'list'> {
  return {
    async get(id) {
      const row = await read.selectFrom('characters').select('doc').where('id', '=', id).executeTakeFirst()
      return row ? parseCharacter(row.doc) : null
    },
    async getByName(tenant, name) {
      const row = await read
        .selectFrom('characters')
        .select('doc')
        .where('tenant', '=', tenant)
        .where('name', '=', name)
        .executeTakeFirst()
      return row ? parseCharacter(row.doc) : null
    },
    idsByName: (tenant, name) => idsByName(read, tenant, name),
    async list({ tenant, search, before, limit }) {
      const rows = await read
        .selectFrom('characters')
        .select('doc')
        .where('tenant', '=', tenant)
        .$if(search !== null, (query) => query.where(containing(search ?? '')))
        .$if(before !== null, (query) => query.where('id', '<', before))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(({ doc }) => parseCharacter(doc))
    },
  }
}

/** `search` is taken literally: its `%` and `_` match themselves. */
function containing(search: string) {
  const pattern = searchable(search).replaceAll(/[\\%_]/g, String.raw`\$&`)
  return sql<boolean>`search_text like ${`%${pattern}%`} escape '\\'`
}

/** Where other transactions may run beside this one, nobody else writes the character until it ends. */
async function locked(transaction: Kysely<Schema>, id: string, locks: boolean): Promise<Character | null> {
  const row = await transaction
    .selectFrom('characters')
    .select('doc')
    .where('id', '=', id)
    .$if(locks, (query) => query.forUpdate())
    .executeTakeFirst()
  return row ? parseCharacter(row.doc) : null
}

async function update(
  transaction: Kysely<Schema>,
  character: Character,
  locks: boolean,
): Promise<CharacterUpdate> {
  const { id, ...columns } = characterRow(character)
  const claimants = await transaction
    .selectFrom('characters')
    .select(['id', 'doc'])
    .where((row) => row.or([row('id', '=', id), row.and({ tenant: columns.tenant, name: columns.name })]))
    .$if(locks, (query) => query.forUpdate())
    .execute()
  const own = claimants.find((row) => row.id === id)
  if (own === undefined) return 'missing'
  if (claimants.length > 1) return 'name_taken'
  const { stills } = parseCharacter(own.doc)
  const { doc } = characterRow(stills === undefined ? withoutStills(character) : { ...character, stills })
  await transaction
    .updateTable('characters')
    .set({ ...columns, doc })
    .where('id', '=', id)
    .execute()
  return 'updated'
}

function withoutStills({ stills: _stills, ...character }: Character): Character {
  return character
}

async function idsByName(read: Kysely<Schema>, tenant: string | null, name: string): Promise<CharacterId[]> {
  const rows = await read
    .selectFrom('characters')
    .select('id')
    .where('name', '=', name)
    .$if(tenant !== null, (query) => query.where('tenant', '=', tenant ?? ''))
    .orderBy('id')
    .limit(100)
    .execute()
  return z.array(characterId).parse(rows.map(({ id }) => id))
}
