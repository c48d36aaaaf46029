import type { Migrations } from './migrate-postgres.ts'
import { createBaseline } from './migrations/baseline.ts'
import { createLimitTables } from './migrations/limit-tables.ts'

/** In the order of their names. A landed one is never changed. */
export const postgresMigrations: Migrations = {
  '0001_baseline': { up: createBaseline },
  '0002_limits': { up: createLimitTables },
}
