import type { Migrations } from './migrate-postgres.ts'
import { createBaseline } from './migrations/baseline.ts'

/** In the order of their names. A landed one is never changed. */
export const postgresMigrations: Migrations = {
  '0001_baseline': { up: createBaseline },
}
