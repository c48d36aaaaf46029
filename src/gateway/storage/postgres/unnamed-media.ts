import { sql, type RawBuilder } from 'kysely'
import { z } from 'zod'
import type { MediaId } from '../../domain/ids.ts'
import type { Database } from '../engine/database.ts'

/** About 20 ms of the server. A longer query would keep what claims leave behind from being cleaned up. */
const ROWS_PER_QUERY = 2000

const tableRow = z.object({ name: z.string(), key: z.array(z.string()).min(1) })
const attempt = {
  from: sql`attempts where ended_at is null`,
  key: ['id'],
  named: sql`array['media_' || substr(id, 5)]`,
}
const inDocument = sql`array(select (regexp_matches(doc, 'media_[0-9a-z]{26}', 'g'))[1])`

/**
 * Returns the ids that no record and no unfinished attempt refers to. Reads all records in pages, each from a snapshot of its
 * own: the record of a file is stored within an hour, after which it stays, so no page misses one.
 */
export async function unnamedInServer(
  database: Pick<Database, 'read'>,
  ids: readonly MediaId[],
  signal: AbortSignal,
): Promise<MediaId[]> {
  const left = new Set<string>(ids)
  const found = (id: string) => left.delete(id)
  // Before the documents: an attempt that ends meanwhile has stored what it names.
  await eachNamed(database, attempt, found, signal)
  for (const { name, key } of await documentTables(database))
    await eachNamed(
      database,
      { from: sql`${sql.table(name)} where true`, key, named: inDocument },
      found,
      signal,
    )
  return ids.filter((id) => left.has(id))
}

/** All tables with a column `doc`, with their primary keys, so that one that is added later is read as well. */
async function documentTables({ read }: Pick<Database, 'read'>) {
  const { rows } = await sql`select c.relname as name,
      array(select a.attname::text from unnest(i.indkey::int[]) with ordinality as k(attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum order by k.place) as key
    from pg_class c
      join pg_attribute d on d.attrelid = c.oid and d.attname = 'doc' and not d.attisdropped
      join pg_index i on i.indrelid = c.oid and i.indisprimary
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by c.relname`.execute(
    read,
  )
  return z.array(tableRow).parse(rows)
}

interface Source {
  from: RawBuilder<unknown>
  /** The columns of the primary key. */
  key: readonly string[]
  named: RawBuilder<unknown>
}

async function eachNamed(
  { read }: Pick<Database, 'read'>,
  { from, key, named }: Source,
  found: (id: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const row = z.object({ named: z.array(z.string()), place: z.array(z.string()) })
  let after: string[] | null = null
  for (;;) {
    signal.throwIfAborted()
    const beyond = after === null ? sql`` : sql` and (${columns}) > (${sql.join(after)})`
    const { rows }: { rows: unknown[] } = await sql`select ${named} as named,
        array[${sql.join(key.map((column) => sql`${sql.ref(column)}::text`))}] as place
      from ${from}${beyond} order by ${columns} limit ${ROWS_PER_QUERY}`.execute(read)
    const page = z.array(row).parse(rows)
    for (const each of page) for (const id of each.named) found(id)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.place
  }
}
