import { z } from 'zod'
import type { KeyUseStore } from '../../ports/accounts/key-use-store.ts'
import type { Database } from '../engine/database.ts'
import { exclusive } from '../engine/write-options.ts'

const useRow = z.object({ used_at: z.number() })

/** Two parameters each, far below what a statement may have. */
const rowsPerWrite = 500

export function createKeyUseStore({ read, write }: Database): KeyUseStore {
  return {
    async lastUse(id) {
      const row = await read
        .selectFrom('key_uses')
        .select('used_at')
        .where('key_id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : useRow.parse(row).used_at
    },
    async record(uses) {
      for (let first = 0; first < uses.length; first += rowsPerWrite) {
        const rows = uses
          .slice(first, first + rowsPerWrite)
          .map(({ keyId, at }) => ({ key_id: keyId, used_at: at }))
        await write(
          (transaction) =>
            transaction
              .insertInto('key_uses')
              .values(rows)
              .onConflict((conflict) =>
                conflict
                  .column('key_id')
                  .doUpdateSet((row) => ({ used_at: row.ref('excluded.used_at') }))
                  .whereRef('excluded.used_at', '>', 'key_uses.used_at'),
              )
              .execute(),
          { queue: 'workers', locks: [exclusive('key_uses')], repeatable: true },
        )
      }
    },
  }
}
