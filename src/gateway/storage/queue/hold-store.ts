import { z } from 'zod'
import type { HoldStore } from '../../ports/generations/hold-store.ts'
import { prepareAppendAudit } from '../accounts/audit-log.ts'
import type { Database } from '../engine/database.ts'

const heldRow = z.object({ value: z.string().transform(Number) })

const lastRow = z.object({ at: z.number().nullable() })

export function createHoldStore({ read, write }: Database): HoldStore {
  const appendAudit = prepareAppendAudit(read)
  return {
    async heldSince() {
      const row = await read
        .selectFrom('installation')
        .select('value')
        .where('name', '=', 'held_since')
        .executeTakeFirst()
      return row === undefined ? null : heldRow.parse(row).value
    },
    async lastEventAt() {
      const row = await read
        .selectFrom('events')
        .select(({ fn }) => fn.max('at').as('at'))
        .executeTakeFirst()
      return lastRow.parse(row).at
    },
    async hold(at) {
      await write((transaction) =>
        transaction
          .insertInto('installation')
          .values({ name: 'held_since', value: String(at) })
          .onConflict((conflict) => conflict.doNothing())
          .execute(),
      )
    },
    release: (entry) =>
      write(async (transaction) => {
        const gone = await transaction
          .deleteFrom('installation')
          .where('name', '=', 'held_since')
          .returning('name')
          .execute()
        if (gone.length > 0) await appendAudit(transaction, entry)
        return gone.length > 0
      }),
  }
}
