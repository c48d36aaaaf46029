import { sql, type Kysely } from 'kysely'
import {
  classWords,
  countAll,
  isEnded,
  isMoved,
  ofAttempt,
} from '../../migrations/totals/generation-counts-migration.ts'
import { text } from './columns.ts'
import { tableOf, type Totals } from './totals-tables.ts'

/** Generations that have ended by class, as on SQLite, as a running total: see `Totals`. */
export const classTotals: Totals = {
  table: 'generation_counts',
  groups: { tenant: text, key: text, status: text, attempt_states: text },
  sums: ['generations'],
  readBy: ['tenant', 'key'],
}

const add = (...classes: string[]) =>
  `insert into generation_counts (${classWords}, generations) ${classes.join(' union all ')};`

/** As on SQLite. Shorter, since what takes time here is to plan it. */
const statesOf = (attempts: string) =>
  `(select coalesce(string_agg(distinct state, ',' order by state), '') from ${attempts})`
const now = statesOf('attempts where generation = new.generation')
const others = 'attempts where generation = new.generation and id <> new.id'
const before = statesOf(`(select state from ${others} union all select old.state) as found`)

/** No plan can scan a table, as one that was made while it was nearly empty would. */
const functionOf = (name: string, body: string) =>
  `create function ${name}() returns trigger language plpgsql set enable_seqscan = off as $$
  declare its_states text;
  begin
    ${body}
    return null;
  end $$`

/** One for each side: a single statement for both would be planned anew each time. */
const addOf = (row: string, generations: 1 | -1) => `if ${isEnded(row)} then
      ${add(`values (${row}.tenant, ${row}.key, ${row}.status, its_states, ${generations})`)} end if;`
const withStates = (row: string, ...added: string[]) =>
  `its_states := ${statesOf(`attempts where generation = ${row}.id`)}; ${added.join(' ')}`

/** Nearly all changes are of generations that are open; to find that out takes a fraction of the statement. */
const ifEnded = (statement: string) =>
  `if (select ${isEnded('g')} from generations g where g.id = new.generation_id) then ${statement} end if;`

const statements = [
  ...tableOf(classTotals),
  functionOf('count_class_added', withStates('new', addOf('new', 1))),
  functionOf('count_class_change', withStates('new', addOf('old', -1), addOf('new', 1))),
  functionOf('count_class_removed', withStates('old', addOf('old', -1))),
  functionOf('count_attempt_added', ifEnded(add(ofAttempt(statesOf(others), -1), ofAttempt(now, 1)))),
  functionOf('count_attempt_moved', ifEnded(add(ofAttempt(before, -1), ofAttempt(now, 1)))),
  `create trigger generations_class_added after insert on generations
    for each row when (${isEnded('new')}) execute function count_class_added()`,
  `create trigger generations_class_changed after update of status, tenant, key on generations
    for each row when (${isMoved}) execute function count_class_change()`,
  `create trigger generations_class_removed after delete on generations
    for each row when (${isEnded('old')}) execute function count_class_removed()`,
  `create trigger attempts_class_added after insert on attempts
    for each row when (new.generation_id is not null) execute function count_attempt_added()`,
  `create trigger attempts_class_changed after update of state on attempts
    for each row when (old.state <> new.state and new.generation_id is not null) execute function count_attempt_moved()`,
  // The triggers hold back every other writer of both tables until the commit, so that none is missed here.
  countAll,
  'update generation_counts set merged = true',
]

/** Releases that do not know the table may run beside it: the triggers count what they end. */
export async function countEndedGenerations(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
