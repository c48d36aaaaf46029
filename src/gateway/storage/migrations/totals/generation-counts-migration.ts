import { sql, type Kysely } from 'kysely'

/**
 * Generations that have ended, by tenant, key, status and the states that their attempts are in, as a running total: a count of them
 * is a sum over these few classes, however long the history is. What is open changes its class often, is bounded, and is counted
 * where it lies; so an accept writes nothing here, and a life one page. Every later change of a row changes the total in its
 * transaction, whatever statement it comes from. Released with the migration that bears its name and never edited: a change
 * is a migration of its own.
 */

export const classWords = 'tenant, key, status, attempt_states'

export const isEnded = (row: string) => `${row}.status not in ('queued', 'in_progress')`

const several = `string_agg(state, ',' order by state)`

/**
 * Of all its attempts as they are, or without one of them. Attempts of a removed generation keep its id in `generation`.
 * Most have a single state, for which nothing has to be sorted.
 */
export const statesOf = (generation: string, without?: string) => {
  const its = `generation = ${generation}${without === undefined ? '' : ` and id <> ${without}`}`
  return `(select case when count(*) = 0 then '' when min(state) = max(state) then min(state)
      else (select ${several} from (select distinct state from attempts where ${its}) as found) end
      from attempts where ${its})`
}

/** As they were before one of them changed. */
export const statesBefore = `(select case when min(state) = max(state) or count(*) = 0 then
        case when coalesce(min(state), old.state) = old.state then old.state
          when min(state) < old.state then min(state) || ',' || old.state else old.state || ',' || min(state) end
      else (select ${several} from (select state from attempts
          where generation = new.generation and id <> new.id union select old.state) as found) end
      from attempts where generation = new.generation and id <> new.id)`

/** A generation of this class more, or less. */
export const ofGeneration = (row: string, generation: string, generations: 1 | -1) =>
  `select ${row}.tenant, ${row}.key, ${row}.status, ${statesOf(generation)}, ${generations} where ${isEnded(row)}`

/** The same for the generation of an attempt, with the states in a text as of `statesOf`. */
export const ofAttempt = (states: string, generations: 1 | -1) =>
  `select g.tenant, g.key, g.status, ${states}, ${generations} from generations g
      where g.id = new.generation_id and ${isEnded('g')}`

const moves = ['status', 'tenant', 'key'].map((name) => `old.${name} <> new.${name}`).join(' or ')
export const isMoved = `(${isEnded('old')} or ${isEnded('new')}) and (${moves})`

/** Classes that nothing is in any more are left: there are few, and most are entered again soon. */
const add = (classes: string) => `
    insert into generation_counts (${classWords}, generations) ${classes}
      on conflict (${classWords}) do update set generations = generations + excluded.generations;`

/** What they come to, from the generations and attempts themselves. */
export const countAll = `insert into generation_counts (${classWords}, generations)
  select tenant, key, status, ${statesOf('g.id')} as attempt_states, count(*) as generations
  from generations g where ${isEnded('g')} group by ${classWords}`

const ofEnded = `exists (select 1 from generations g where g.id = new.generation_id and ${isEnded('g')})`

const statements = [
  `create table generation_counts (
    tenant text not null,
    key text not null,
    status text not null,
    attempt_states text not null,
    generations bigint not null,
    primary key (${classWords})
  ) without rowid`,
  countAll,
  `create trigger generations_class_changed after update of status, tenant, key on generations when ${isMoved}
    begin ${add(ofGeneration('old', 'new.id', -1))} ${add(ofGeneration('new', 'new.id', 1))} end`,
  `create trigger generations_class_removed after delete on generations when ${isEnded('old')}
    begin ${add(ofGeneration('old', 'old.id', -1))} end`,
  `create trigger attempts_class_added after insert on attempts when ${ofEnded}
    begin ${add(ofAttempt(statesOf('new.generation', 'new.id'), -1))} ${add(ofAttempt(statesOf('new.generation'), 1))} end`,
  `create trigger attempts_class_changed after update of state on attempts
    when old.state <> new.state and ${ofEnded}
    begin ${add(ofAttempt(statesBefore, -1))} ${add(ofAttempt(statesOf('new.generation'), 1))} end`,
]

export async function countEndedGenerations(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}
