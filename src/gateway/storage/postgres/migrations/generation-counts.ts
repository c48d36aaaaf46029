import { sql, type Kysely } from 'kysely'
import {
  classWords,
  countAll,
  isEnded,
  isMoved,
  ofAttempt,
  ofGeneration,
  statesBefore,
  statesOf,
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

/** No plan can scan a table, as one that was made while it was nearly empty would. */
const functionOf = (name: string, ...classes: string[]) =>
  `create function ${name}() returns trigger language plpgsql set enable_seqscan = off as $$
  begin
    insert into generation_counts (${classWords}, generations) ${classes.join(' union all ')};
    return null;
  end $$`

const statements = [
  ...tableOf(classTotals),
  functionOf('count_class_added', ofGeneration('new', 'new.id', 1)),
  functionOf('count_class_change', ofGeneration('old', 'new.id', -1), ofGeneration('new', 'new.id', 1)),
  functionOf('count_class_removed', ofGeneration('old', 'old.id', -1)),
  functionOf(
    'count_attempt_added',
    ofAttempt(statesOf('new.generation', 'new.id'), -1),
    ofAttempt(statesOf('new.generation'), 1),
  ),
  functionOf('count_attempt_moved', ofAttempt(statesBefore, -1), ofAttempt(statesOf('new.generation'), 1)),
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
