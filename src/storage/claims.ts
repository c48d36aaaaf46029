import { z } from 'zod'
import { attemptStates, generationStatuses } from '../domain/generation.ts'
import type { Generation } from '../domain/generation.ts'
import type { GenerationStore, Stored } from '../ports/generation-store.ts'
import type { Database } from './database.ts'
import { parseGeneration } from './generation-rows.ts'

/** Keeps statement texts few: each number of ids is a text of its own. */
const IDS_PER_STATEMENT = 100

const nobody = { lease_owner: null, lease_until: null }

const claimedRow = z.object({ doc: z.string(), version: z.number() })
const dueRow = z.object({ due_at: z.number().nullable() })

type Claims = Pick<GenerationStore, 'claimDue' | 'nextDueAt' | 'release' | 'renew' | 'releaseAll'>

const statusHere = z.enum(generationStatuses)
const stateHere = z.enum(attemptStates)

/** Steps follow from the states; what to do in a state of another release is not known here. */
function assertWorkable({ status, attempts }: Generation): void {
  statusHere.parse(status)
  for (const { state } of attempts) stateHere.parse(state)
}

/** One document that cannot be read must not keep the others from being worked on. It stays as it is, under its lease. */
function readable({ doc, version }: z.output<typeof claimedRow>): Stored[] {
  try {
    const generation = parseGeneration(doc)
    assertWorkable(generation)
    return [{ generation, version }]
  } catch (error) {
    process.emitWarning(new Error('a stored generation cannot be read; it is passed over', { cause: error }))
    return []
  }
}

/** Who works on what: a lease is an owner and the instant at which anyone else may take over. */
export function createClaims({ read, write, skipLocked }: Database): Claims {
  return {
    async claimDue({ now, owner, leaseUntil, limit }) {
      const rows = await write(
        (transaction) =>
          transaction
            .with('due', (db) =>
              db
                .selectFrom('generations')
                .select('id')
                .where('due_at', '<=', now)
                .where((row) => row('lease_until', 'is', null).or('lease_until', '<=', now))
                .orderBy('due_at')
                .limit(limit)
                .$if(skipLocked, (query) => query.forUpdate().skipLocked()),
            )
            .updateTable('generations')
            .from('due')
            .set({ lease_owner: owner, lease_until: leaseUntil })
            .whereRef('generations.id', '=', 'due.id')
            .returning(['doc', 'version'])
            .execute(),
        'workers',
      )
      return z
        .array(claimedRow)
        .parse(rows)
        .flatMap(readable)
        .toSorted((a, b) => (a.generation.dueAt ?? now) - (b.generation.dueAt ?? now))
    },
    async nextDueAt() {
      const row = await read
        .selectFrom('generations')
        .select('due_at')
        .where('due_at', 'is not', null)
        .where('lease_owner', 'is', null)
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst()
      return row ? dueRow.parse(row).due_at : null
    },
    async release(id, owner) {
      await write((transaction) =>
        transaction
          .updateTable('generations')
          .set(nobody)
          .where('id', '=', id)
          .where('lease_owner', '=', owner)
          .execute(),
      )
    },
    async renew(ids, owner, leaseUntil) {
      await write(async (transaction) => {
        for (let first = 0; first < ids.length; first += IDS_PER_STATEMENT) {
          await transaction
            .updateTable('generations')
            .set({ lease_until: leaseUntil })
            .where('id', 'in', ids.slice(first, first + IDS_PER_STATEMENT))
            .where('lease_owner', '=', owner)
            .execute()
        }
      })
    },
    async releaseAll() {
      await write((transaction) =>
        transaction
          .updateTable('generations')
          .set(nobody)
          // By the index on due_at; a lease on what is never due again hinders nobody.
          .where('due_at', 'is not', null)
          .where('lease_owner', 'is not', null)
          .execute(),
      )
    },
  }
}
