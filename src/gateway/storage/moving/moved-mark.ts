import { DatabaseSync } from 'node:sqlite'
import type { MovedAway } from '../../domain/restore/moved-away.ts'
import { holdWithin } from '../queue/hold-store.ts'
import { movedName } from './moved-tables.ts'
import { allowTime, type Queries } from './server-session.ts'

/** Holds what was not sent, and says where it went. A gateway must not have the database open. */
export function markFile(file: string, moved: MovedAway): void {
  using database = new DatabaseSync(file, { timeout: 10_000 })
  database.exec('begin immediate')
  database.exec('create table if not exists installation (name text primary key, value text not null)')
  database
    .prepare("insert into installation (name, value) values ('held_since', ?) on conflict do nothing")
    .run(String(moved.at))
  database
    .prepare(
      'insert into installation (name, value) values (?, ?) on conflict do update set value = excluded.value',
    )
    .run(movedName, JSON.stringify(moved))
  database.exec('commit')
}

/** Like `markFile`, on a server. */
export async function markServer(queries: Queries, moved: MovedAway): Promise<void> {
  await queries.transaction().execute(async (transaction) => {
    await allowTime(transaction)
    await holdWithin(transaction, moved.at)
    const value = JSON.stringify(moved)
    await transaction
      .insertInto('installation')
      .values({ name: movedName, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  })
}

/** Forgets the move. What was held stays held until it is released. Returns false if it was not moved. */
export function takeBackFile(file: string): boolean {
  using database = new DatabaseSync(file, { timeout: 10_000 })
  return database.prepare('delete from installation where name = ?').run(movedName).changes > 0
}

/** Like `takeBackFile`, on a server. */
export async function takeBackServer(queries: Queries): Promise<boolean> {
  const gone = await queries
    .deleteFrom('installation')
    .where('name', '=', movedName)
    .returning('name')
    .execute()
  return gone.length > 0
}
