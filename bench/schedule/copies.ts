import { z } from 'zod'
import type { GenerationId } from '../../src/gateway/domain/ids.ts'
import type { PostgresServer } from '../../test/postgres/server.ts'
import { tenants } from './requests.ts'

/** Copies in one statement. */
const atOnce = 25_000
/** Connections that copy beside each other. */
const lanes = 2
const settings = [
  'set session_replication_role = replica',
  'set synchronous_commit = off',
  `set maintenance_work_mem = '512MB'`,
]
const indexRow = z.object({ name: z.string(), made: z.string() })
const generationRow = z.object({ doc: z.string(), headroom_micros: z.coerce.number() })
const columnNames = z.object({ names: z.array(z.string()) })
const attemptRow = z.object({ id: z.string(), upstream: z.string(), upstream_id: z.string() })

/**
 * Copies of one generation that the gateway itself brought under way, with their attempts, events, upstream responses and labels:
 * `count` jobs, spread over the upstreams and over the time that a job takes, each due at its next poll. Triggers do not fire;
 * what they would have counted of keys is added at the end.
 */
export async function copyGeneration(
  server: PostgresServer,
  url: string,
  original: GenerationId,
  of: { count: number; upstreams: number; madeAt: number; everyMs: number; jobMs: number },
): Promise<void> {
  const { count, upstreams, madeAt, everyMs, jobMs } = of
  const ask = async (text: string): Promise<unknown> => (await server.query(url, text))[0]
  const { doc, headroom_micros: headroom } = generationRow.parse(
    await ask(`select doc, headroom_micros from generations where id = '${original}'`),
  )
  const attempt = attemptRow.parse(
    await ask(`select id, upstream, upstream_id from attempts where generation_id = '${original}'`),
  )
  // Each instant in the documents is as much earlier as the copy is older; the age tells when its next poll is due.
  const instants = [...new Set(doc.match(/\b17\d{11}\b/g) ?? [])]
  const due = String(madeAt + everyMs)
  const words: Array<[text: string, sql: string]> = [
    [original, 'made.id'],
    [attempt.id, 'made.attempt'],
    [attempt.upstream_id, 'made.job'],
    [attempt.upstream, 'made.upstream'],
    ['"tenant-0"', `'"' || made.tenant || '"'`],
    ['"key-0"', `'"' || made.key || '"'`],
    ...instants.map((at): [string, string] => [
      at,
      at === due ? 'made.due::text' : `(${at} - made.age)::text`,
    ]),
  ]
  const moved = (column: string): string =>
    words.reduce((sql, [text, by]) => `replace(${sql}, '${text}', ${by})`, column)
  const changes: Record<string, Record<string, string>> = {
    generations: {
      id: 'made.id',
      tenant: 'made.tenant',
      key: 'made.key',
      created_at: 'created_at - made.age',
      due_at: 'made.due',
      due_pool: `'poll:' || made.upstream`,
      expires_at: 'expires_at - made.age',
      doc: moved('doc'),
    },
    attempts: {
      id: 'made.attempt',
      generation_id: 'made.id',
      generation: 'made.id',
      tenant: 'made.tenant',
      key: 'made.key',
      upstream: 'made.upstream',
      upstream_id: 'made.job',
      started_at: 'started_at - made.age',
      submitted_at: 'submitted_at - made.age',
      accepted_at: 'accepted_at - made.age',
    },
    events: { generation_id: 'made.id', at: 'at - made.age', data: moved('data') },
    exchanges: {
      attempt_id: 'made.attempt',
      generation_id: 'made.id',
      at: 'at - made.age',
      doc: moved('doc'),
    },
    generation_labels: { value: `'shot-' || made.n % 5000`, generation_id: 'made.id' },
  }
  const inserts = await Promise.all(
    Object.entries(changes).map(async ([table, changed]) => {
      const { names } = columnNames.parse(await ask(columnsOf(table)))
      const values = names.map((name) => changed[name] ?? `original.${name}`)
      const whose = table === 'generations' ? 'id' : 'generation_id'
      return `insert into ${table} (${names.join(', ')}) select ${values.join(', ')}
        from (select * from ${table} where ${whose} = '${original}') original, (
          select n, 'gen_' || lpad(n::text, 26, '0') as id, 'att_' || lpad(n::text, 26, '0') as attempt,
            'job-' || n as job, 'upstream-' || lpad((n % ${upstreams})::text, 3, '0') as upstream,
            'tenant-' || n % ${tenants} as tenant, 'key-' || n % ${tenants} as key, age,
            ${madeAt} - age + (age / ${everyMs} + 1) * ${everyMs} as due
          from (select n, (${count} - n)::bigint * ${jobMs} / ${count} as age from numbers) numbered) made`
    }),
  )
  const copyOf = async (first: number): Promise<void> => {
    for (let from = first; from <= count; from += atOnce * lanes) {
      const numbers = `numbers as (select generate_series(${from}, ${Math.min(count, from + atOnce - 1)}) as n)`
      const texts = inserts.map((insert) => `with ${numbers} ${insert}`)
      await server.query(url, [...settings, ...texts].join('; '))
    }
  }
  const indexes = await dropIndexes(server, url, Object.keys(changes))
  await Promise.all(Array.from({ length: lanes }, (_, lane) => copyOf(1 + lane * atOnce)))
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      server.query(
        url,
        [...settings, ...indexes.filter((_index, place) => place % lanes === lane)].join('; '),
      ),
    ),
  )
  // Triggers do this, and are off.
  await server.query(
    url,
    `insert into schedule (generation_id, pool, leased, due_at, expires_at)
      select id, due_pool, false, due_at, expires_at from generations where due_at is not null
      on conflict do nothing`,
  )
  await server.query(
    url,
    `insert into key_open (tenant, key, generations, micros)
      select 'tenant-' || n, 'key-' || n, ${Math.floor(count / tenants)}, ${Math.floor(count / tenants) * headroom}
      from generate_series(0, ${tenants - 1}) n`,
  )
}

/** Resolves to the statements that make them again: one by one, an index over a million rows takes far longer to grow. */
async function dropIndexes(
  server: PostgresServer,
  url: string,
  tables: readonly string[],
): Promise<string[]> {
  const rows = await server.query(
    url,
    `select indexname as name, indexdef as made from pg_indexes
      where tablename in (${tables.map((table) => `'${table}'`).join(', ')}) and not exists (
        select from pg_constraint where conindid = (schemaname || '.' || indexname)::regclass)`,
  )
  const indexes = z.array(indexRow).parse(rows)
  await server.query(url, indexes.map(({ name }) => `drop index ${name}`).join('; '))
  return indexes.map(({ made }) => made)
}

function columnsOf(table: string): string {
  return `select array_agg(column_name::text order by ordinal_position) as names
    from information_schema.columns where table_name = '${table}'`
}
