import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import { attentionAt } from '../../domain/generation/search/attention.ts'
import { generationErrorCodes } from '../../domain/generation/failure.ts'
import { parseGeneration } from '../generations/generation-rows.ts'
import type { Schema } from '../schema.ts'
import { storedWord } from '../stored-word.ts'

const number = 'bigint'
const text = 'text'

/** Documents read at once, a few KB each. */
const documentsPerRead = 500

const searched = z.object({
  error: z.object({ code: storedWord(generationErrorCodes) }).nullable(),
  request: z.object({ metadata: z.record(z.string(), z.string()) }),
})

/** What lists of generations are filtered by. */
export async function addSearch(db: Kysely<Schema>): Promise<void> {
  await db.schema.alterTable('generations').addColumn('error', text).execute()
  await db.schema.alterTable('generations').addColumn('attention_at', number).execute()
  await db.schema
    .createTable('generation_labels')
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('value', text, (column) => column.notNull())
    .addColumn('generation_id', text, (column) =>
      column.notNull().references('generations.id').onDelete('cascade'),
    )
    .addPrimaryKeyConstraint('generation_labels_pkey', ['name', 'value', 'generation_id'])
    .execute()
  for (const [index, table, columns] of [
    ['generation_labels_by_generation', 'generation_labels', ['generation_id']],
    ['generations_by_state', 'generations', ['status', 'id']],
    ['generations_by_key', 'generations', ['key', 'id']],
    ['attempts_by_state', 'attempts', ['state', 'generation_id']],
    ['attempts_by_upstream', 'attempts', ['upstream', 'generation_id']],
    ['characters_by_name', 'characters', ['name']],
  ] as const)
    await db.schema
      .createIndex(index)
      .on(table)
      .columns([...columns])
      .execute()
  for (const [index, table, columns, held] of [
    ['generations_by_error', 'generations', ['error', 'id'], 'error'],
    ['generations_attention', 'generations', ['id', 'attention_at'], 'attention_at'],
    ['attempts_by_failure', 'attempts', ['failure_code', 'generation_id'], 'failure_code'],
  ] as const)
    await db.schema
      .createIndex(index)
      .on(table)
      .columns([...columns])
      .where(sql.ref(held), 'is not', null)
      .execute()
  await noteStored(db)
}

async function noteStored(db: Kysely<Schema>): Promise<void> {
  const uncertain = await uncertainGenerations(db)
  let last = ''
  for (;;) {
    const rows = await db
      .selectFrom('generations')
      .select(['id', 'doc', 'status'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(documentsPerRead)
      .execute()
    for (const row of rows) {
      last = row.id
      await noteOne(db, row, uncertain.has(row.id))
    }
    if (rows.length < documentsPerRead) return
  }
}

/** Only their documents are parsed as a whole; those of a large history would take minutes. */
async function uncertainGenerations(db: Kysely<Schema>): Promise<Set<string>> {
  const rows = await db
    .selectFrom('attempts')
    .select('generation')
    .where(
      sql<boolean>`state in ('unknown', 'abandoned') or (cost_state = 'settled' and cost_micros > 0 and delivered = 0)`,
    )
    .execute()
  return new Set(rows.map(({ generation }) => generation))
}

async function noteOne(
  db: Kysely<Schema>,
  { id, doc, status }: { id: string; doc: string; status: string },
  isUncertain: boolean,
): Promise<void> {
  const { error, request } = searched.parse(JSON.parse(doc))
  const isOpen = status === 'queued' || status === 'in_progress'
  const at = isOpen || isUncertain ? attentionAt(parseGeneration(doc)) : null
  if (error !== null || at !== null)
    await db
      .updateTable('generations')
      .set({ error: error?.code ?? null, attention_at: at })
      .where('id', '=', id)
      .execute()
  const labels = Object.entries(request.metadata)
  if (labels.length === 0) return
  await db
    .insertInto('generation_labels')
    .values(labels.map(([name, value]) => ({ name, value, generation_id: id })))
    .execute()
}
