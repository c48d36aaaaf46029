import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import * as z from 'zod'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createStdoutLogger } from '../../src/gateway/process/logger.ts'
import { postgresMigrations } from '../../src/gateway/storage/postgres/postgres-migrations.ts'
import type { Migrations } from '../../src/gateway/storage/postgres/schema-compatibility.ts'
import { knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'

/** Releases of the gateway that differ by their migrations: this one, one that expands the tables, one that contracts them. */
const startSchema = z.object({ text: z.string(), release: z.enum(['first', 'expanding', 'contracting']) })

const statements = (...texts: string[]) => ({
  async up(db: Kysely<unknown>) {
    for (const text of texts) await sql.raw(text).execute(db)
  },
})
const hot = ['generations', 'deliveries', 'installation', 'submission_pauses']
const latest = Object.keys(postgresMigrations).at(-1) ?? ''

const expand = statements(
  ...hot.map((table) => `alter table ${table} add column note text`),
  `create function fill_note() returns trigger language plpgsql as $$
    begin
      new.note = 'by ' || new.status;
      return new;
    end $$`,
  `create trigger note_filled before insert or update of status on generations
    for each row execute function fill_note()`,
)
const contract = statements(
  `drop trigger note_filled on generations`,
  `drop function fill_note()`,
  ...hot.map((table) => `alter table ${table} drop column note`),
)
const expanding: Migrations = {
  ...postgresMigrations,
  '9001_expand': { ...expand, oldest: latest },
}
const releases = {
  first: postgresMigrations,
  expanding,
  contracting: { ...expanding, '9002_contract': { ...contract, oldest: '9001_expand' } },
}

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (message) => void live(startSchema.parse(message)))

async function live({ text, release }: z.output<typeof startSchema>): Promise<void> {
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createStdoutLogger('error'),
    migrations: releases[release],
  })
  process.once('SIGTERM', () => {
    void container[Symbol.asyncDispose]().then(() => process.exit(0))
  })
  process.send?.({ address: await container.listen() })
}
