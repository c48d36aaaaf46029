import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import { createCopyVersions } from '../../src/gateway/storage/fleet/copy-versions.ts'
import { createSharedBreakers } from '../../src/gateway/storage/fleet/shared-breakers.ts'
import { openPostgres } from '../../src/gateway/storage/postgres/open-postgres.ts'
import { guardUpstream } from '../../src/gateway/upstreams/breakers/guarded-upstream.ts'
import type { BareUpstream } from '../../src/gateway/upstreams/calls/http-upstream.ts'
import { spec } from '../upstreams/fixtures.ts'
import { noLogger } from '../upstreams/loopback.ts'
import { postgresDatabases } from './databases.ts'
import { skipsPostgres } from './server.ts'

const openMs = 300
const clock = { now: () => Date.now() }
const away: JobReport = { type: 'unreachable', message: 'connection refused', retryAfterMs: null }
const isAway = async (): Promise<JobReport> => away

t.test('a breaker of several nodes', { skip: skipsPostgres() }, async (t) => {
  const { create } = await postgresDatabases(t)
  const url = await create()
  let polls = 0
  let answer = isAway
  const bare: BareUpstream = {
    spec: spec(),
    deduplicates: false,
    mention: ({ handle }) => handle,
    jobNamed: () => null,
    create: async () => ({ type: 'never_sent', message: '', retryAfterMs: null }),
    poll() {
      polls += 1
      return answer()
    },
    fetchVideo: async () => ({ type: 'unavailable', message: '', retryAfterMs: null }),
    createCharacter: async () => ({ type: 'never_sent', message: '', retryAfterMs: null }),
    pollCharacter: async () => ({ type: 'never_sent', message: '', retryAfterMs: null }),
    cancel: async () => ({ type: 'not_cancelled', message: '' }),
    listRecent: async () => ({ type: 'unreachable', message: '' }),
    probe: async () => [],
  }
  async function node() {
    const database = await openPostgres({ url, connections: 5 })
    t.teardown(() => database.close())
    const shared = createSharedBreakers({ database, clock, logger: noLogger })
    const breaker = { failureRate: 0.5, windowMs: 1000, minCalls: 1, openMs }
    const upstream = guardUpstream(bare, { breaker, modelGoneMs: 1000 }, { clock, logger: noLogger, shared })
    t.teardown(() => upstream.close())
    const state = () => upstream.breakers().poll.state
    const follow = async () => {
      for (const circuit of await shared.all()) upstream.follow(circuit)
    }
    /** As often as needed until what another node stored is followed. */
    async function until(wanted: string): Promise<void> {
      while (state() !== wanted) {
        await follow()
        await pause(10)
      }
    }
    return { upstream, state, until, versions: createCopyVersions(database) }
  }
  const [a, b] = [await node(), await node()]

  await a.upstream.poll('job-1')
  t.equal(a.state(), 'open')
  await b.until('open')
  await b.upstream.poll('job-1')
  t.equal(polls, 1, 'the other node does not call either')
  await pause(50)
  // An insert that may become an update counts twice.
  t.equal((await b.versions.all()).get('breakers'), 2, 'who follows does not tell it again')

  while (a.state() !== 'half_open' || b.state() !== 'half_open') await pause(5)
  const begun = Promise.withResolvers<void>()
  const trial = Promise.withResolvers<JobReport>()
  answer = () => {
    begun.resolve()
    return trial.promise
  }
  const both = [a.upstream.poll('job-1'), b.upstream.poll('job-1')]
  await begun.promise
  const refused = await Promise.race(both)
  t.match(refused, { type: 'unreachable' })
  t.equal(polls, 2, 'one of them makes the trial request')
  trial.resolve({ type: 'not_found', message: '' })
  await Promise.all(both)
  await Promise.all([a.until('closed'), b.until('closed')])

  answer = isAway
  await b.upstream.poll('job-1')
  await a.until('open')
  a.upstream.resetBreaker('poll')
  t.equal(a.state(), 'closed')
  await b.until('closed')
  t.pass('an operator closes it on all nodes')
})
