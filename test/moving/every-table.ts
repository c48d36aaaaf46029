import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { tablesOf } from '../../src/gateway/storage/moving/copy-file.ts'
import type { Cell } from '../../src/gateway/storage/moving/rows.ts'

const columnRow = z.object({ name: z.string(), type: z.string(), notnull: z.number(), pk: z.number() })
type Column = z.output<typeof columnRow>

/** Characters that a text may bring: quotes, a backslash, what looks escaped, other planes, and line ends. */
const odd = `'"\\ \\u0000 𝄞 映像 \r\n\t{}[]`
const largest = 2 ** 53 - 1

/**
 * A database with rows in every table that the schema has, so that a table that is added later has some too. Triggers count the
 * attempts, and there are totals of attempts that are gone, as retention leaves them.
 */
export async function fillEveryTable(file: string, rows = 7): Promise<void> {
  const database = await openDatabase({ file })
  await database.close()
  using filled = new DatabaseSync(file, { enableForeignKeyConstraints: true })
  const tables = tablesOf(filled)
  for (const { name } of tables) {
    if (name === 'installation') continue
    const columns = z.array(columnRow).parse(filled.prepare(`pragma table_info("${name}")`).all())
    const targets = filled.prepare(`pragma foreign_key_list("${name}")`).all()
    const insert = filled.prepare(
      `insert into "${name}" (${columns.map((column) => `"${column.name}"`).join(', ')})
      values (${columns.map(() => '?').join(', ')}) on conflict do nothing`,
    )
    for (let row = 0; row < rows; row++)
      insert.run(
        ...columns.map((column, index) => {
          const target = targets.find(({ from }) => from === column.name)
          return valueOf(column, {
            table: name,
            row,
            index,
            target: target && `${String(target['table'])} id ${row}`,
          })
        }),
      )
  }
  for (const [name, value] of [
    ['gateway_key', 'not moved as a row'],
    ['search:reverse', `{"odd":${JSON.stringify(odd)}}`],
  ] as const)
    filled.prepare('insert into installation (name, value) values (?, ?)').run(name, value)
}

function valueOf(
  { name, type, notnull, pk }: Column,
  { table, row, index, target }: { table: string; row: number; index: number; target: string | undefined },
): Cell {
  if (notnull === 0 && pk === 0 && (row + index) % 3 === 0) return null
  if (target !== undefined) return target
  if (name === 'id' && pk === 1) return `${table} id ${row}`
  if (name === 'counted' || name === 'vendor_read') return 1
  if (name === 'face') return row + 0.5
  if (name === 'status') return row % 2 === 0 ? 'queued' : 'completed'
  if (type === 'text') return `${name} ${row} ${odd}`
  return /micros$|_at$|^month$/.test(name) ? row * 1_000_003 : largest - row
}
