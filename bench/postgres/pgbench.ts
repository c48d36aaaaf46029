import { execFile } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Statement } from './recorded.ts'

const run = promisify(execFile)

/** Where the program is, or null. Debian's package `postgresql` has it, outside of the path. */
export function findPgbench(path: string): string | null {
  const folders = [...path.split(delimiter), ...globSync('/usr/lib/postgresql/*/bin')]
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file)) ?? null
}

export interface Script {
  text: string
  /** The values of `:v0`, `:v1` and so on, which are sent as parameters. */
  variables: string[]
}

/**
 * The same statements for pgbench, with the same parameters. `varying`: SQL in place of a value that differs in each
 * transaction, computed from `:n`, the number of the transaction.
 */
export function scriptOf(statements: readonly Statement[], varying: ReadonlyMap<string, string>): Script {
  const variables: string[] = []
  const asSql = (value: string | number | null = null): string => {
    if (value === null) return 'null'
    const text = String(value)
    const computed = varying.get(text)
    if (computed !== undefined) return computed
    return `:v${variables.push(text) - 1}`
  }
  const lines = statements.flatMap(({ text, values }) =>
    text.split('; ').map((each) => {
      const line = each
        .replaceAll(/\s+/g, ' ')
        .replaceAll(/\$(\d+)/g, (_, number) => asSql(values[Number(number) - 1]))
      return `${[...varying].reduce((sql, [value, computed]) => inPlace(sql, value, computed), line)};`
    }),
  )
  const numbered = ['\\set n :base + :client_id * :each + :step', '\\set step :step + 1']
  return { text: [...numbered, ...lines, ''].join('\n'), variables }
}

/** Within the name of a lock, which is quoted. */
function inPlace(sql: string, value: string, computed: string): string {
  return sql.replaceAll(`${value}'`, `' || ${computed}`)
}

/** Runs a script `each` times in every client, and returns the transactions per second. */
export async function pgbench(
  program: string,
  script: Script,
  of: { url: string; folder: string; clients: number; each: number; base: number },
): Promise<number> {
  const file = join(of.folder, 'script.sql')
  await writeFile(file, script.text)
  const given = { base: of.base, each: of.each, step: 0 }
  const variables = [
    ...Object.entries(given).map(([name, value]) => `${name}=${value}`),
    ...script.variables.map((value, index) => `v${index}=${value}`),
  ]
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(of.clients),
    '-j',
    '1',
    '-t',
    String(of.each),
    '-f',
    file,
  ]
  const { stdout, stderr } = await run(program, [
    ...args,
    ...variables.flatMap((each) => ['-D', each]),
    of.url,
  ])
  const tps = /^tps = ([\d.]+)/m.exec(stdout)?.[1]
  if (tps === undefined || /aborted/.test(stderr)) throw new Error(`pgbench failed: ${stdout}${stderr}`)
  return Number(tps)
}
