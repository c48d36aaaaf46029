import type { TableFacts } from './rows.ts'

/** The names of tables of which the two sides do not have the same rows. */
export function differing(one: readonly TableFacts[], other: readonly TableFacts[]): string[] {
  const named = new Map(other.map((facts) => [facts.name, facts]))
  return one.flatMap(({ name, rows, micros, digest }) => {
    const found = named.get(name)
    const isEqual = found?.rows === rows && found.micros === micros && found.digest === digest
    return isEqual ? [] : [name]
  })
}
