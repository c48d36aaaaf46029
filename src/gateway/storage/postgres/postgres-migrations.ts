import type { Migrations } from './migrate-postgres.ts'

/** In the order of their names. A landed one is never changed. */
export const postgresMigrations: Migrations = {}
