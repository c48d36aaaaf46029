import { createHash } from 'node:crypto'

export type Cell = string | number | null
/** The values of the columns of a table, in their order. */
export type Row = readonly Cell[]

/** What a table comes to. Equal rows in any order have the same facts. */
export interface TableFacts {
  name: string
  rows: number
  /** The sum of all its amounts of money, in micro-dollars. */
  micros: bigint
  /** Of the values of every row: SHA-256 of each, added up. */
  digest: string
}

const modulus = 2n ** 256n

/** Adds up the rows of a table. */
export function createTally(name: string, columns: readonly string[]) {
  const money = columns.flatMap((column, index) => (/(?:^|_)micros$/.test(column) ? [index] : []))
  let rows = 0
  let micros = 0n
  let digest = 0n
  return {
    add(row: Row): void {
      rows++
      for (const index of money) {
        const amount = row[index]
        if (typeof amount === 'number') micros += BigInt(amount)
      }
      const hash = createHash('sha256').update(JSON.stringify(row)).digest('hex')
      digest = (digest + BigInt(`0x${hash}`)) % modulus
    },
    facts: (): TableFacts => ({ name, rows, micros, digest: digest.toString(16).padStart(64, '0') }),
  }
}

/** @throws TypeError for a value that neither engine has in a column. */
export function asCell(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new TypeError(`A column has a value of type ${typeof value}, which is not moved.`)
}
