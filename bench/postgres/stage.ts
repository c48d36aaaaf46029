import { chmodSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GenerationId } from '../../src/gateway/domain/ids.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { shareConnections } from '../../src/gateway/storage/postgres/postgres-settings.ts'
import { aGeneration, aLogEntry, START } from '../../test/fixtures/generation.ts'
import { startPostgres } from '../../test/postgres/server.ts'
import { postmasterOf } from '../schedule/server-figures.ts'
import { pinApart } from '../serving/cores.ts'
import { findPgbench } from './pgbench.ts'

const connections = 10
/** As many clients as a node has connections for writes. */
export const clients = shareConnections(connections).writes
/** As many rows as one claim of a worker with the default concurrency asks for. */
export const batch = 50
/** Steps that a node takes at a time. */
export const atOnce = 64
export const owner = 'node-1'
export const leaseUntil = START + 3_600_000
export const unlimited = { monthStart: START, monthlyBudgetMicros: null, maxInFlight: null }

export const idOf = (number: number): GenerationId => `gen_${String(number).padStart(26, '0')}`

/** One database with the stores of some nodes. */
export interface Base {
  url: string
  /** The stores of the nodes; at least one. */
  stores: [GenerationStorage, ...GenerationStorage[]]
  query: (text: string) => Promise<unknown[]>
  /** Adds copies of one generation, from a number on, that are due. `leased`: to `owner`. */
  fill: (from: number, count: number, of: { leased: boolean }) => Promise<void>
  /** Ends all leases, and cleans up. */
  releaseAll: () => Promise<void>
}

export interface Stage {
  base: (name: string, nodes: number) => Promise<Base>
  /** A new database with the same rows, freshly written, for one node. */
  rewritten: (name: string, from: Base) => Promise<Base>
  pgbench: { program: string; folder: string; clients: number }
  /** Whether the server has one core, and its clients another. */
  isPinned: boolean
  end: () => Promise<void>
}

/** A PostgreSQL server of its own. `pinned`: on a core of its own, if there are two. */
export async function openStage(path: string, { pinned }: { pinned: boolean }): Promise<Stage> {
  const program = findPgbench(path)
  if (program === null) throw new Error('pgbench is missing. Install the package postgresql (Debian).')
  const folder = await mkdtemp(join(tmpdir(), 'understudy-pgbench-'))
  chmodSync(folder, 0o700)
  const server = await startPostgres({ shared_buffers: '256MB' })
  const isPinned = pinned && pinApart(postmasterOf(server))
  const closing: Array<() => Promise<void>> = []

  async function base(name: string, nodes: number): Promise<Base> {
    const made = await open(await server.database(name), nodes)
    const template = aGeneration({ id: idOf(0) })
    await made.stores[0].insert(template, { entries: [aLogEntry()], idempotency: null, limits: unlimited })
    await made.query('create table template as table generations; delete from generations')
    return made
  }

  async function rewritten(name: string, from: Base): Promise<Base> {
    const { pathname } = new URL(from.url)
    const source = pathname.slice(1)
    // A database that is copied has no sessions. The stores open theirs anew.
    await server.query(
      server.url('postgres'),
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${source}'`,
    )
    await server.query(server.url('postgres'), `create database ${name} template ${source}`)
    await server.query(server.url(name), 'vacuum full analyze')
    return open(server.url(name), 1)
  }

  async function open(url: string, nodes: number): Promise<Base> {
    const query = (text: string) => server.query(url, text)
    const store = async () => {
      const database = await openPostgres({ url, connections })
      closing.push(database.close)
      return createGenerationStore(database)
    }
    const stores: Base['stores'] = [await store()]
    while (stores.length < nodes) stores.push(await store())
    const columns = `tenant, key, status, created_at, due_at, due_pool, expires_at, version, last_seq, headroom_micros`
    return {
      url,
      stores,
      query,
      async fill(from, count, { leased }) {
        const lease = leased ? `'${owner}', ${leaseUntil}` : 'null, null'
        await query(
          `insert into generations (id, doc, lease_owner, lease_until, ${columns})
            select copy.id, replace(doc, '${idOf(0)}', copy.id), ${lease}, ${columns} from template,
              (select 'gen_' || lpad(n::text, 26, '0') as id from generate_series(${from}, ${from + count - 1}) n) copy`,
        )
        await query('vacuum analyze generations')
      },
      async releaseAll() {
        await query(
          'update generations set lease_owner = null, lease_until = null where lease_owner is not null',
        )
        await query('vacuum analyze generations')
      },
    }
  }

  return {
    base,
    rewritten,
    pgbench: { program, folder, clients },
    isPinned,
    async end() {
      for (const close of closing) await close()
      await server.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export async function inParallel(loops: number, loop: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: loops }, loop))
}

/** Calls in turn, the first one first in every other pass, so that what drifts favours neither. */
export async function inTurn(
  passes: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Array<[number, number]>> {
  const measured = new Array<[number, number]>()
  for (let pass = 0; pass < passes; pass++) {
    if (pass % 2 === 0) {
      const first = await ours()
      measured.push([first, await theirs()])
    } else {
      const first = await theirs()
      measured.push([await ours(), first])
    }
  }
  return measured
}
