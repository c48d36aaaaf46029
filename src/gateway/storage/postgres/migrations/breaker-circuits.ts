import { sql, type Kysely } from 'kysely'
import { number, text } from './columns.ts'

const statements = [
  `create table breaker_circuits (
    upstream ${text} not null,
    operation ${text} not null,
    retry_at ${number},
    reset_at ${number},
    probe_by ${text},
    probe_until ${number},
    primary key (upstream, operation)
  )`,
  // Who makes a trial request is asked for when it is made.
  `create trigger breakers_changed after insert or update of retry_at, reset_at on breaker_circuits
    for each statement execute function note_copy_change('breakers')`,
]

export async function createBreakerCircuits(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
