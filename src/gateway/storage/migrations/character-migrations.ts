import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../schema.ts'

const number = 'bigint'
const text = 'text'

const uses = z.object({ request: z.object({ characters: z.array(z.object({ id: z.string() })) }) })
/** Documents read at once, a few KB each. */
const documentsPerRead = 500

/** The state of bindings, and the generations that use a character. */
export async function addCharacterUse(db: Kysely<Schema>): Promise<void> {
  for (const [name, type] of [
    ['step', text],
    ['span', text],
    ['failure_code', text],
    ['retry_at', number],
    ['sent_at', number],
  ] as const) {
    await db.schema.alterTable('bindings').addColumn(name, type).execute()
  }
  for (const name of ['orphans', 'silence']) {
    await db.schema
      .alterTable('bindings')
      .addColumn(name, number, (column) => column.notNull().defaultTo(0))
      .execute()
  }
  await db.schema
    .createIndex('bindings_due')
    .on('bindings')
    .column('lease_until')
    .where(sql<boolean>`state = 'pending'`)
    .execute()
  await db.schema
    .createTable('generation_characters')
    .addColumn('character_id', text, (column) => column.notNull())
    .addColumn('generation_id', text, (column) =>
      column.notNull().references('generations.id').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('generation_characters_pkey', ['character_id', 'generation_id'])
    .execute()
  await db.schema
    .createIndex('generation_characters_by_generation')
    .on('generation_characters')
    .column('generation_id')
    .execute()
  await noteKnownUses(db)
}

/** Where a binding was made; those that are there get the account of the configuration at the first start. */
export async function addBindingAccount(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('bindings').addColumn('origin', text).execute()
  await db.schema.alterTable('bindings').addColumn('credential', text).execute()
}

/** How often the process ended while a binding was asked about. */
export async function addBindingCrashes(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .alterTable('bindings')
    .addColumn('crash_points', number, (column) => column.notNull().defaultTo(0))
    .execute()
}

/** Who had a binding made, and how often it was sent. Of those sent before, one creation is certain. */
export async function addBindingAsker(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('bindings').addColumn('asked_by', text).execute()
  await db.schema
    .alterTable('bindings')
    .addColumn('creations', number, (column) => column.notNull().defaultTo(0))
    .execute()
  await db.updateTable('bindings').set({ creations: 1 }).where('sent_at', 'is not', null).execute()
}

async function noteKnownUses(db: Kysely<Schema>): Promise<void> {
  let last = ''
  for (;;) {
    const rows = await db
      .selectFrom('generations')
      .select(['id', 'doc'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(documentsPerRead)
      .execute()
    for (const { id, doc } of rows) {
      last = id
      const { characters } = uses.parse(JSON.parse(doc)).request
      for (const { id: characterId } of characters) {
        await db
          .insertInto('generation_characters')
          .values({ character_id: characterId, generation_id: id })
          .execute()
      }
    }
    if (rows.length < documentsPerRead) return
  }
}
