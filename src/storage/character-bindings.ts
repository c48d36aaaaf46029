import { type Kysely } from 'kysely'
import { z } from 'zod'
import type { BindingClaim, CharacterStore } from '../ports/character-store.ts'
import { parseBinding } from './character-rows.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

type Bindings = Pick<
  CharacterStore,
  'bindings' | 'claimBinding' | 'settleBinding' | 'revokeBinding' | 'releaseAll'
>
type Claim = Parameters<CharacterStore['claimBinding']>[0]
type Settlement = Parameters<CharacterStore['settleBinding']>[0]

const nothing = { handle: null, operation: 'null', failure: null }
const nobody = { lease_owner: null, lease_until: null }

const pendingRow = z.object({ lease_until: z.number() })

/** What a character is on each upstream. At most one owner at a time may create a binding. */
export function createBindings({ read, write }: Database): Bindings {
  return {
    async bindings(id) {
      const rows = await read
        .selectFrom('bindings')
        .selectAll()
        .where('character_id', '=', id)
        .orderBy('upstream')
        .execute()
      return rows.map(parseBinding)
    },
    claimBinding: (claim) =>
      write(async (transaction) =>
        (await take(transaction, claim)) ? { type: 'claimed' } : whyNot(transaction, claim),
      ),
    settleBinding: (settlement) => write((transaction) => settle(transaction, settlement)),
    async releaseAll() {
      await write((transaction) =>
        transaction
          .updateTable('bindings')
          .set({ ...nobody, lease_until: 0 })
          .where('state', '=', 'pending')
          .execute(),
      )
    },
    async revokeBinding(characterId, upstream, handle, now) {
      await write((transaction) =>
        transaction
          .updateTable('bindings')
          .set({ state: 'revoked', updated_at: now })
          .where('character_id', '=', characterId)
          .where('upstream', '=', upstream)
          .where('state', '=', 'ready')
          .where('handle', '=', handle)
          .execute(),
      )
    },
  }
}

/** One statement, so that of two takers one finds the other's row. */
async function take(
  transaction: Kysely<Schema>,
  { characterId, upstream, owner, now, leaseUntil }: Claim,
): Promise<boolean> {
  const pending = {
    ...nothing,
    state: 'pending',
    lease_owner: owner,
    lease_until: leaseUntil,
    updated_at: now,
  }
  const taken = await transaction
    .insertInto('bindings')
    .values({ character_id: characterId, upstream, ...pending })
    .onConflict((conflict) =>
      conflict
        .columns(['character_id', 'upstream'])
        .doUpdateSet(pending)
        .where((row) =>
          row.or([
            row('bindings.state', '=', 'revoked'),
            row('bindings.state', '=', 'pending').and('bindings.lease_until', '<=', now),
          ]),
        ),
    )
    .returning('upstream')
    .executeTakeFirst()
  return taken !== undefined
}

async function whyNot(
  transaction: Kysely<Schema>,
  { characterId, upstream }: Claim,
): Promise<Exclude<BindingClaim, { type: 'claimed' }>> {
  const row = await transaction
    .selectFrom('bindings')
    .selectAll()
    .where('character_id', '=', characterId)
    .where('upstream', '=', upstream)
    .executeTakeFirstOrThrow()
  const binding = parseBinding(row)
  if (binding.state === 'ready') return { type: 'ready', binding }
  if (binding.state === 'failed') return { type: 'failed', binding }
  return { type: 'busy', until: pendingRow.parse(row).lease_until }
}

/** A binding that is given back leaves no row: the next taker starts afresh. */
async function settle(
  transaction: Kysely<Schema>,
  { characterId, upstream, owner, now, result }: Settlement,
): Promise<boolean> {
  if (result.state === 'released') {
    const released = await transaction
      .deleteFrom('bindings')
      .where('character_id', '=', characterId)
      .where('upstream', '=', upstream)
      .where('state', '=', 'pending')
      .where('lease_owner', '=', owner)
      .returning('upstream')
      .executeTakeFirst()
    return released !== undefined
  }
  const settled = await transaction
    .updateTable('bindings')
    .set({ ...nobody, state: result.state, updated_at: now })
    .set(
      result.state === 'ready'
        ? { handle: result.handle, operation: JSON.stringify(result.operation), failure: null }
        : { ...nothing, failure: result.failure },
    )
    .where('character_id', '=', characterId)
    .where('upstream', '=', upstream)
    .where('state', '=', 'pending')
    .where('lease_owner', '=', owner)
    .returning('upstream')
    .executeTakeFirst()
  return settled !== undefined
}
