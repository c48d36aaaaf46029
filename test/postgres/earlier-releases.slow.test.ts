import { readdirSync, readFileSync } from 'node:fs'
import { Client } from 'pg'
import t from 'tap'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { postgresMigrations } from '../../src/gateway/storage/postgres/postgres-migrations.ts'
import { keys, startGateway } from '../e2e/gateway.ts'
import { answersAlike, releaseKeys, ReleaseRows, workGoesOn } from '../fixtures/storage/release.ts'
import { skipsPostgres, startPostgres } from './server.ts'

const skip = skipsPostgres()
if (skip !== false) {
  t.comment(skip)
  process.exit(0)
}
const server = await startPostgres()
t.teardown(() => server.remove())

const folder = new URL('../fixtures/storage/', import.meta.url)
const releases = readdirSync(folder).filter((name) => name.endsWith('.postgres.json'))

/** A database as the release left it: its migrations, then its rows. */
async function databaseOf({ version, migrations, rows }: ReleaseRows): Promise<string> {
  const url = await server.database(`release_${version.replaceAll('.', '_')}`)
  const known = Object.entries(postgresMigrations).filter(([name]) => migrations.includes(name))
  const node = await openPostgres({ url, connections: 5 }, Object.fromEntries(known))
  await node.close()
  const client = new Client({ connectionString: url })
  await client.connect()
  // Without triggers, which would count the rows again.
  await client.query(`set session_replication_role = replica`)
  for (const [table, lines] of Object.entries(rows)) {
    await client.query(`delete from ${table}`)
    const columns = await client.query(
      `select string_agg(quote_ident(attname), ', ') as names from pg_attribute
      where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    )
    const { names } = columns.rows[0]
    await client.query(
      `insert into ${table} (${names}) overriding system value
      select ${names} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [`[${lines.join(',')}]`],
    )
  }
  await client.query(`do $$ declare each record; begin
    for each in select attrelid::regclass::text as table_name, attname from pg_attribute
      join pg_class on pg_class.oid = attrelid and relkind = 'r' and relnamespace = 'public'::regnamespace
      where pg_get_serial_sequence(attrelid::regclass::text, attname) is not null loop
      execute format('select setval(pg_get_serial_sequence(%L, %L), (select coalesce(max(%I), 0) + 1 from %I), false)',
        each.table_name, each.attname, each.attname, each.table_name);
    end loop; end $$`)
  await client.end()
  return url
}

t.not(releases.length, 0, 'some release left its data')

for (const file of releases) {
  const kept = ReleaseRows.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
  t.test(`data of ${kept.version} on PostgreSQL is answered as then, and its work goes on`, async (t) => {
    const gateway = await startGateway(t, {
      keys: releaseKeys,
      startAt: kept.now,
      storage: { url: await databaseOf(kept), connections: 5 },
    })
    await answersAlike(t, gateway, kept)
    // The rows are on another server now, as after a restore.
    const admin = { authorization: `Bearer ${keys.other}` }
    const released = await gateway.call('POST', '/operations/release', {}, admin)
    t.equal(released.status, 200, JSON.stringify(released.body))
    await workGoesOn(t, gateway, kept)
  })
}
