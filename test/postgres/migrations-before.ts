import { postgresMigrations } from '../../src/gateway/storage/postgres/postgres-migrations.ts'

/** Those of a release that does not have this one yet, nor any after it. */
export function migrationsBefore(name: keyof typeof postgresMigrations): typeof postgresMigrations {
  return Object.fromEntries(Object.entries(postgresMigrations).filter(([each]) => each < name))
}
