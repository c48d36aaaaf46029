import { sql, type Kysely } from 'kysely'
import { z } from 'zod'
import type { Binding } from '../../domain/characters/binding.ts'
import type { BindingKey, CharacterStore } from '../../ports/characters/character-store.ts'
import { bindingRow, characterId, parseBinding } from './character-rows.ts'
import type { Database } from '../engine/database.ts'
import { steady } from '../engine/prepared-query.ts'
import { exclusive } from '../engine/write-options.ts'
import type { Schema } from '../schema.ts'

type Bindings = Pick<CharacterStore, 'bindings' | 'changeBinding' | 'dueBindings' | 'assumeAccount'>

const dueRow = z.object({ character_id: characterId, upstream: z.string() })

/** Bindings of characters to upstreams. The rules for changing one are in the domain. */
export function createBindingStore({ read, write, skipLocked }: Database): Bindings {
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
    changeBinding: (key, change) =>
      write(
        async (transaction) => {
          const before = await current(transaction, key, skipLocked)
          const { binding, answer } = change(before)
          if (binding !== null && binding !== before) await put(transaction, binding)
          return answer
        },
        { queue: 'workers', locks: [exclusive(`binding:${key.characterId}/${key.upstream}`)] },
      ),
    assumeAccount: (upstream, { origin, credential }) =>
      write(async (transaction) => {
        await transaction
          .updateTable('bindings')
          .set({ origin, credential })
          .where('upstream', '=', upstream)
          .where('origin', 'is', null)
          .execute()
      }, 'workers'),
    async dueBindings(now, limit, except = []) {
      const rows = await read
        .selectFrom('bindings')
        .select(['character_id', 'upstream'])
        .where('state', '=', sql.lit('pending'))
        .where('lease_until', '<=', now)
        .$if(except.length > 0, (query) => query.where('upstream', 'not in', except))
        .orderBy('lease_until')
        .limit(steady(sql<number>`${limit}`))
        .execute()
      return z
        .array(dueRow)
        .parse(rows)
        .map((row) => ({ characterId: row.character_id, upstream: row.upstream }))
    },
  }
}

/** Locks the character where transactions can run concurrently: a new binding has no row to lock yet. */
async function current(
  transaction: Kysely<Schema>,
  { characterId: id, upstream }: BindingKey,
  locks: boolean,
): Promise<Binding | null> {
  if (locks) {
    await transaction.selectFrom('characters').select('id').where('id', '=', id).forUpdate().execute()
  }
  const row = await transaction
    .selectFrom('bindings')
    .selectAll()
    .where('character_id', '=', id)
    .where('upstream', '=', upstream)
    .executeTakeFirst()
  return row ? parseBinding(row) : null
}

async function put(transaction: Kysely<Schema>, binding: Binding): Promise<void> {
  const { character_id, upstream, ...columns } = bindingRow(binding)
  await transaction
    .insertInto('bindings')
    .values({ character_id, upstream, ...columns })
    .onConflict((conflict) => conflict.columns(['character_id', 'upstream']).doUpdateSet(columns))
    .execute()
}
