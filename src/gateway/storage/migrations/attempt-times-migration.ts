import { sql, SqliteAdapter, type Kysely } from 'kysely'

/** As in migrations.ts. */
const number = 'bigint'
const text = 'text'

const hourMs = 3_600_000

/** The columns of each part of an attempt: how long it took, and the instant that decides of its hour. */
const parts = {
  queue: ['queue_ms', 'submitted_at'],
  render: ['render_ms', 'ended_at'],
  download: ['download_ms', 'ended_at'],
} as const

const isKnown = (row: string, [ms, at]: readonly [string, string]) =>
  `${row}.${ms} is not null and ${row}.${at} is not null`

const count = (row: string, phase: string, columns: readonly [string, string], by: number) => {
  const [ms, at] = columns
  return `insert into attempt_times (upstream, hour, phase, ms, attempts)
      select ${row}.upstream, ${row}.${at} / ${hourMs}, '${phase}', ${row}.${ms}, ${by} where ${isKnown(row, columns)}
      on conflict (upstream, hour, phase, ms) do update set attempts = attempts + excluded.attempts;`
}

/** Released with the migration that bears their name and never edited: a change is a migration of its own. */
const triggers = Object.entries(parts).flatMap(([phase, columns]) => {
  const [ms, at] = columns
  return [
    `create trigger attempts_${phase}_added after insert on attempts when ${isKnown('new', columns)}
    begin ${count('new', phase, columns, 1)} end`,
    `create trigger attempts_${phase}_changed after update of ${ms}, ${at} on attempts
    when old.${ms} is distinct from new.${ms} or old.${at} is distinct from new.${at}
    begin ${count('old', phase, columns, -1)} ${count('new', phase, columns, 1)} end`,
  ]
})

/**
 * How long the parts of attempts took, counted per hour, so that quantiles of a month are read from thousands of rows and not
 * from a million attempts.
 */
export async function countTimes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('attempt_times')
    .addColumn('upstream', text, (column) => column.notNull())
    .addColumn('hour', number, (column) => column.notNull())
    .addColumn('phase', text, (column) => column.notNull())
    .addColumn('ms', number, (column) => column.notNull())
    .addColumn('attempts', number, (column) => column.notNull())
    .addPrimaryKeyConstraint('attempt_times_pkey', ['upstream', 'hour', 'phase', 'ms'])
    .execute()
  await db.schema.createIndex('attempt_times_by_hour').on('attempt_times').column('hour').execute()
  await db.schema.createIndex('breaker_openings_by_hour').on('breaker_openings').column('hour').execute()
  for (const [phase, columns] of Object.entries(parts)) {
    const [ms, at] = columns
    await sql
      .raw(
        `insert into attempt_times (upstream, hour, phase, ms, attempts)
          select upstream, ${at} / ${hourMs}, '${phase}', ${ms}, count(*) from attempts
          where ${isKnown('attempts', columns)} group by 1, 2, 4`,
      )
      .execute(db)
  }
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
  for (const trigger of triggers) await sql.raw(trigger).execute(db)
}
