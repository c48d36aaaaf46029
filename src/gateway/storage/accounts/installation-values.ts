import { z } from 'zod'
import type { Database } from '../engine/database.ts'

const valueRow = z.object({ name: z.string(), value: z.string() })

/**
 * The values that are stored under these names; those that are not there yet are stored as given. Nodes that start at once
 * all get the same.
 */
export async function keepInstallationValues<Name extends string>(
  { write }: Pick<Database, 'write'>,
  given: Record<Name, string>,
): Promise<Record<Name, string>> {
  const names: Name[] = Object.keys(given).filter((name): name is Name => Object.hasOwn(given, name))
  const rows = await write(async (transaction) => {
    for (const name of names)
      await transaction
        .insertInto('installation')
        .values({ name, value: given[name] })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    return transaction.selectFrom('installation').selectAll().where('name', 'in', names).execute()
  })
  const kept = { ...given }
  for (const { name, value } of z.array(valueRow).parse(rows)) {
    const known = names.find((each) => each === name)
    if (known !== undefined) kept[known] = value
  }
  return kept
}
