import { DatabaseSync } from 'node:sqlite'
import { encodeTime } from 'ulid'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { countAll } from '../../src/gateway/storage/migrations/totals/generation-counts-migration.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { insert, jobOf, underWay } from '../crowd/fill.ts'
import { totalsOfAttempts } from './totals.ts'

const yearMs = 365 * 86_400_000
const videoMs = 90_000
/** How long ago the youngest finished one ended, and the oldest in flight began, at most. */
const agesMs = 600_000

export interface Filling {
  inFlight: number
  /** Spread over the year before `now`; each eleventh failed. */
  finished: number
  upstreams: number
  keys: number
  /** Ms since the epoch. */
  now: number
  /** When all in flight are to be claimed, in ms from `now`. Their jobs may be polled as soon as they are. */
  dueInMs: number
}

/** The ids of what is filled in, by number: first what is finished, then what is in flight, in the order of their creation. */
export function idAt(number: number, of: Filling): string {
  return idOf('gen_', createdAt(number, of), number)
}

function createdAt(number: number, { finished, inFlight, now }: Filling): number {
  return number <= finished
    ? Math.floor(now - yearMs + (number * (yearMs - 2 * agesMs)) / finished)
    : Math.floor(now - agesMs + ((number - finished) * agesMs) / (inFlight + 1))
}

function idOf<Prefix extends string>(prefix: Prefix, at: number, number: number): `${Prefix}${string}` {
  return `${prefix}${encodeTime(at).toLowerCase()}${number.toString(32).padStart(16, '0')}`
}

/** One of each kind, as the store writes it. */
function originals({ upstreams, now }: Filling) {
  const base = underWay(1, upstreams, { now, dueAt: now })
  const [candidate] = base.plan.candidates
  const [attempt] = base.attempts
  if (candidate === undefined || attempt === undefined) throw new Error('the original has no attempt')
  const inFlight: Generation = { ...base, plan: { ...base.plan, candidates: [candidate] } }
  const at = attempt.startedAt
  const ended = { ...inFlight, dueAt: null, completedAt: at + videoMs }
  const endedAttempt = { ...attempt, endedAt: at + videoMs, costState: 'settled' as const }
  const completed: Generation = {
    ...ended,
    id: idOf('gen_', at, 2),
    status: 'completed',
    progress: 100,
    video: {
      mediaId: 'media_00000000000000000000000000',
      contentType: 'video/mp4',
      bytes: 4_000_000,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      durationSeconds: 10,
      width: 1280,
      height: 720,
      expiredAt: null,
    },
    attempts: [
      {
        ...endedAttempt,
        id: 'att_00000000000000000000000002',
        state: 'succeeded',
        costMicros: 120_000,
        delivered: true,
      },
    ],
  }
  const failure = { code: 'job_failed', fallback: true, retryAfterMs: null, message: 'no capacity' } as const
  const failed: Generation = {
    ...ended,
    id: idOf('gen_', at, 3),
    status: 'failed',
    error: { code: 'upstream_failed', message: failure.message },
    attempts: [{ ...endedAttempt, id: 'att_00000000000000000000000003', state: 'failed', failure }],
  }
  return { inFlight, completed, failed }
}

/**
 * A new database with generations of several keys of one tenant, as the gateway leaves it: one of each kind as the store writes it, then
 * copies of its rows. Indexes are made at the end, which is faster, and the running totals from the attempts; the gateway's own comparison
 * accepts them, or this throws.
 */
export async function fillDatabase(file: string, of: Filling): Promise<void> {
  const { inFlight, completed, failed } = originals(of)
  {
    await using database = await openDatabase({ file })
    const store = createGenerationStore(database)
    for (const each of [inFlight, completed, failed]) await insert(store, each)
  }
  copyAll(file, { inFlight, completed, failed }, of)
  await using database = await openDatabase({ file })
  const store = createGenerationStore(database)
  while ((await store.countLedger()) > 0);
  if (!database.totals.reportable) throw new Error('the running totals do not agree with the attempts')
}

const copied = ['generations', 'attempts', 'events', 'generation_labels']

function copyAll(file: string, originalOf: ReturnType<typeof originals>, of: Filling): void {
  // The rows refer to each other as those that they are copies of.
  using raw = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  // Nobody needs a half of it.
  for (const pragma of [
    'journal_mode = delete',
    'journal_mode = off',
    'synchronous = off',
    'temp_store = memory',
  ])
    raw.exec(`pragma ${pragma}`)
  raw.exec('pragma cache_size = -500000')
  raw.function('created_at', (number) => createdAt(Number(number), of))
  raw.function('id_of', (prefix, at, number) => idOf(String(prefix), Number(at), Number(number)))
  const places = copied.map((table) => `'${table}'`).join(', ')
  const made = raw
    .prepare(
      `select name, type, sql from sqlite_master
      where tbl_name in (${places}) and type in ('index', 'trigger') and sql is not null`,
    )
    .all()
  for (const { name, type } of made) raw.exec(`drop ${String(type)} "${String(name)}"`)
  const { finished, inFlight, keys, upstreams } = of
  raw.exec(`create temp table made as with recursive numbers (n) as (
      select 1 union all select n + 1 from numbers where n < ${finished + inFlight}),
    timed as (select n, cast(created_at(n) as integer) as at from numbers)
    select n, at, id_of('gen_', at, n) as id, id_of('att_', at, n) as attempt, id_of('media_', at, n) as media,
      'job-' || (n - ${finished}) as job, 'reseller-' || (n % ${upstreams}) as upstream, 'key-' || (n % ${keys}) as key
    from timed`)
  copyRows(raw, originalOf.completed, of, `n <= ${finished} and n % 11 <> 0`)
  copyRows(raw, originalOf.failed, of, `n <= ${finished} and n % 11 = 0`)
  copyRows(raw, originalOf.inFlight, of, `n > ${finished}`)
  raw.exec('drop table made')
  for (const { id, attempts } of Object.values(originalOf)) {
    raw.prepare('delete from generations where id = ?').run(id)
    raw.prepare('delete from attempts where id = ?').run(attempts[0]?.id ?? '')
    for (const table of ['events', 'generation_labels'])
      raw.prepare(`delete from ${table} where generation_id = ?`).run(id)
  }
  raw.exec(totalsOfAttempts)
  for (const { sql } of made) raw.exec(String(sql))
  // By an index of theirs.
  raw.exec(countAll)
}

/** Copies of one generation with its attempt, events and labels, for each number that meets a condition. */
function copyRows(
  raw: DatabaseSync,
  { id, attempts, video, createdAt: at }: Generation,
  { now, dueInMs }: Filling,
  met: string,
): void {
  const words = [
    [id, 'made.id'],
    [attempts[0]?.id ?? '', 'made.attempt'],
    [video?.mediaId ?? 'media_none', 'made.media'],
    [`"${jobOf(1)}"`, `'"' || made.job || '"'`],
    ['"reseller-1"', `'"' || made.upstream || '"'`],
    ['"key-0"', `'"' || made.key || '"'`],
    [String(at), 'cast(made.at as text)'],
  ]
  const moved = (column: string): string =>
    words.reduce((sql, [text, by]) => `replace(${sql}, '${text}', ${by})`, column)
  const since = (column: string): string => `made.at + original.${column} - ${at}`
  const changes: Record<string, Record<string, string>> = {
    generations: {
      id: 'made.id',
      key: 'made.key',
      created_at: 'made.at',
      video_at: since('video_at'),
      due_at: `case when original.due_at is not null then ${now + dueInMs} end`,
      due_pool: `case when original.due_at is null then original.due_pool else 'poll:' || made.upstream end`,
      doc: moved('original.doc'),
    },
    attempts: {
      id: 'made.attempt',
      generation_id: 'made.id',
      generation: 'made.id',
      key: 'made.key',
      upstream: 'made.upstream',
      upstream_id: 'made.job',
      started_at: 'made.at',
      submitted_at: since('submitted_at'),
      accepted_at: since('accepted_at'),
      ended_at: since('ended_at'),
    },
    events: { generation_id: 'made.id', at: since('at'), data: moved('original.data') },
    generation_labels: { generation_id: 'made.id', value: `'shot-' || (made.n % 50)` },
  }
  for (const [table, changed] of Object.entries(changes)) {
    const columns = raw.prepare(`select name from pragma_table_info('${table}')`).all()
    const names = columns.map(({ name }) => String(name))
    const values = names.map((name) => changed[name] ?? `original."${name}"`)
    raw.exec(`insert into ${table} (${names.map((name) => `"${name}"`).join(', ')})
      select ${values.join(', ')} from made cross join (
        select * from ${table} where ${table === 'generations' ? 'id' : 'generation_id'} = '${id}') original
      where ${met}`)
  }
}
