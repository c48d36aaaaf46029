import { bindingAfter } from '../../src/gateway/domain/characters/binding-steps.ts'
import t from 'tap'
import type { Generation } from '../../src/gateway/domain/generation/generation.ts'
import type { CreateOutcome, JobReport } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CharacterStore } from '../../src/gateway/ports/characters/character-store.ts'
import type { GenerationStorage } from '../../src/gateway/ports/generations/generation-storage.ts'
import type { SaveOutcome, SaveTerms } from '../../src/gateway/ports/generations/generation-store.ts'
import { StorageError } from '../../src/gateway/storage/engine/storage-error.ts'
import { eachUpstream, official, reverse, startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

interface Calls {
  create?: (ask: () => Promise<CreateOutcome>) => Promise<CreateOutcome>
  poll?: (ask: () => Promise<JobReport>) => Promise<JobReport>
  save?: (ask: () => Promise<SaveOutcome>, next: Generation, terms: SaveTerms) => Promise<SaveOutcome>
}

/** A gateway whose creates, polls and saves can be inspected or fail while they run, and its store. */
async function watched(test: Parameters<typeof startGateway>[0]) {
  let captured: GenerationStorage | null = null
  const calls: Calls = {}
  const directory = eachUpstream((upstream) => ({
    create(request) {
      const ask = () => upstream.create(request)
      return calls.create?.(ask) ?? ask()
    },
    poll(operation) {
      const ask = () => upstream.poll(operation)
      return calls.poll?.(ask) ?? ask()
    },
  }))
  const gateway = await startGateway(test, {
    routing: { unknown_hold_seconds: 60 },
    wrap: {
      store(store) {
        captured = store
        return {
          ...store,
          save(...given) {
            const ask = () => store.save(...given)
            return calls.save?.(ask, ...given) ?? ask()
          },
        }
      },
      directory,
    },
  })
  const store = (): GenerationStorage => {
    if (captured === null) throw new Error('There is no store yet.')
    return captured
  }
  return { gateway, calls, store }
}

async function accept(gateway: Gateway, upstream: string): Promise<string> {
  const asked = { prompt: 'a paper boat', duration: 8, routing: { upstreams: [upstream] } }
  const accepted = await gateway.call('POST', '/generate', asked)
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

async function see(gateway: Gateway, id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

/** What another process would read now: committed data only. */
async function stored(gateway: Gateway, id: string): Promise<any> {
  const [row] = await queryStorage(gateway.directory, 'select doc from generations where id = ?', [id])
  return JSON.parse(String(row?.['doc']))
}

/** Another worker takes over all leases, as if they had expired. */
async function takeOver(gateway: Gateway, store: GenerationStorage): Promise<void> {
  const later = gateway.now() + 3600_000
  await store.claimDue({ now: later, owner: 'another worker', leaseUntil: later, limit: 100 })
}

t.test(
  'a create leaves only once its attempt is on the disk as submitting, with its money reserved',
  async (t) => {
    const { gateway, calls } = await watched(t)
    for (const upstream of ['reseller', 'official']) {
      let found = null
      calls.create = async (ask) => {
        found = await stored(gateway, id)
        return ask()
      }
      const id = await accept(gateway, upstream)
      await gateway.advance(0)
      t.match(found, {
        attempts: [
          {
            state: 'submitting',
            prompt: 'a paper boat',
            costState: 'reserved',
            reservedMicros: upstream === 'reseller' ? 120_000 : 800_000,
          },
        ],
      })
      t.match(await gateway.finished(id), { status: 'completed' })
    }
  },
)

t.test('a create whose answer was lost inside the gateway is looked for, and never sent again', async (t) => {
  const { gateway, calls } = await watched(t)
  for (const upstream of ['reseller', 'official']) {
    calls.create = async (ask) => {
      await ask()
      throw new Error('a fault of ours')
    }
    const id = await accept(gateway, upstream)
    await gateway.advance(0)
    const state = upstream === 'official' ? 'running' : 'unknown'
    t.match(await see(gateway, id), { attempts: [{ state }] }, 'found at once where jobs can be listed')
    await gateway.advance(31_000)
    const generation = await gateway.finished(id)
    t.match(generation, {
      attempts: [{ state: upstream === 'official' ? 'succeeded' : 'unknown' }],
      error: upstream === 'official' ? null : { code: 'outcome_unknown' },
    })
    t.equal(gateway.simulator.control.requests()[upstream]?.create, 1)
  }
})

t.test('a request that cannot be stored is not accepted', async (t) => {
  const gateway = await startGateway(t, {
    wrap: {
      store: (store) => ({
        ...store,
        insert: () => Promise.reject(new StorageError('disk_full', 'database or disk is full')),
      }),
    },
  })
  const answer = await gateway.call('POST', '/generate', { prompt: 'a paper boat', duration: 8 })
  t.match(answer, { status: 507, body: { code: 'storage_full' } })
  await gateway.advance(0)
  t.same(gateway.simulator.control.renders(), [])
})

const unanswered = () => new StorageError('unreachable', 'no answer to a commit', { mayBeWritten: true })

t.test(
  'where it is unknown whether a request was stored, its files stay and the caller is told',
  async (t) => {
    const gateway = await startGateway(t, {
      upstreams: [reverse, official],
      wrap: {
        store: (store) => ({
          ...store,
          async insert(...given) {
            await store.insert(...given)
            throw unanswered()
          },
        }),
        characters: (store) => ({
          ...store,
          async insert(...given) {
            await store.insert(...given)
            throw unanswered()
          },
        }),
      },
    })
    const clip = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
    const told = { status: 503, body: { code: 'storage_unavailable', detail: /may have been accepted/ } }
    t.match(await gateway.call('POST', '/characters', { name: 'girl', ...clip }), told)
    t.match(await gateway.call('GET', '/characters/girl/thumbnail'), { status: 200 })
    const request = { prompt: 'a paper boat', duration: 8, size: '320x240', reference: clip }
    t.match(await gateway.call('POST', '/generate', request), told)
    const listed = await gateway.call('GET', '/generations')
    t.match(await gateway.finished(listed.body.data[0].id), { status: 'completed' })
    t.match(gateway.simulator.control.renders(), [{ reference: { kind: 'video' } }])
  },
)

t.test('a create is asked for again under its key only in the words that it left with', async (t) => {
  const stores: CharacterStore[] = []
  const creates: string[] = []
  const gateway = await startGateway(t, {
    wrap: {
      characters(store) {
        stores.push(store)
        return store
      },
      directory: eachUpstream((upstream) => ({
        deduplicates: true,
        async create(request) {
          creates.push(request.prompt)
          await upstream.create(request)
          return { type: 'unknown', message: 'The connection was lost.' }
        },
      })),
    },
  })
  const source = { video_url: `${gateway.simulator.origin}/clips/girl.mp4?seconds=2&size=320x240` }
  await gateway.call('POST', '/characters', { name: 'girl', ...source })
  const accepted = await gateway.call('POST', '/generate', {
    prompt: '@girl waves',
    duration: 10,
    routing: { upstreams: ['reseller'] },
  })
  await gateway.advance(0)
  await gateway.advance(3000)
  t.same(creates, [creates[0], creates[0]], 'the same words are sent again')

  const girl = await stores[0]?.getByName('studio', 'girl')
  const key = { characterId: girl!.id, upstream: 'reseller' }
  await stores[0]!.changeBinding(key, (binding) => {
    const revoked = { type: 'revoked' as const, at: gateway.now(), handle: binding?.handle ?? '' }
    return {
      binding: binding && bindingAfter(binding, revoked, { holdMs: 0, makingMs: 0 }),
      answer: null,
    }
  })
  for (let step = 0; step < 10; step++) await gateway.advance(60_000)
  t.equal(creates.length, 2, 'with the character made anew they would be others')
  t.match(await see(gateway, accepted.body.id), {
    status: 'failed',
    error: { code: 'outcome_unknown' },
    attempts: [{ state: 'unknown', cost_state: 'reserved' }],
  })
})

t.test('a job that belongs to another attempt is not taken for a lost one', async (t) => {
  const { gateway } = await watched(t)
  const { control } = gateway.simulator
  const first = await accept(gateway, 'official')
  await gateway.advance(0)
  control.setFaults('official', [{ kind: 'reset', on: ['create'], times: 1 }])
  const second = await accept(gateway, 'official')
  await gateway.advance(0)
  t.match(await see(gateway, second), { attempts: [{ state: 'unknown', upstream_id: null }] })
  for (let step = 0; step < 20; step++) await gateway.advance(60_000)
  t.match(await see(gateway, first), { status: 'completed' })
  t.match(await see(gateway, second), { status: 'failed', video: null, attempts: [{ upstream_id: null }] })
  t.equal(control.renders().length, 1)
})

t.test('a list that is not complete denies nothing', async (t) => {
  const directory = eachUpstream((upstream) => ({
    async listRecent(since) {
      const listed = await upstream.listRecent(since)
      return listed.type === 'listed' ? { ...listed, complete: false } : listed
    },
  }))
  const gateway = await startGateway(t, { wrap: { directory } })
  gateway.simulator.control.setFaults('official', [{ kind: 'reset', on: ['create'] }])
  const id = await accept(gateway, 'official')
  for (let step = 0; step < 15; step++) await gateway.advance(60_000)
  t.match(await see(gateway, id), {
    error: { code: 'outcome_unknown' },
    attempts: [{ state: 'unknown', cost_state: 'reserved' }],
  })
  t.ok((gateway.simulator.control.requests()['official']?.list ?? 0) > 5)
})

t.test('a cancel that comes first keeps the create from leaving', async (t) => {
  const { gateway, calls } = await watched(t)
  const id = await accept(gateway, 'reseller')
  let cancelled = false
  calls.save = async (ask, next) => {
    if (!cancelled && next.attempts[0]?.state === 'submitting') {
      cancelled = true
      await gateway.call('POST', `/generations/${id}/cancel`)
    }
    return ask()
  }
  await gateway.advance(0)
  t.match(await see(gateway, id), { status: 'cancelled', cost_usd: 0 })
  t.same((await see(gateway, id)).attempts, [], 'the attempt was to be stored with its create')
  t.equal(gateway.simulator.control.requests()['reseller']?.create ?? 0, 0)
})

t.test('the answer of a create is stored although the lease went elsewhere meanwhile', async (t) => {
  const { gateway, calls, store } = await watched(t)
  calls.create = async (ask) => {
    await takeOver(gateway, store())
    return ask()
  }
  const id = await accept(gateway, 'reseller')
  await gateway.advance(0)
  t.match(await see(gateway, id), { attempts: [{ state: 'running', upstream_id: String }] })
  t.equal(gateway.simulator.control.renders().length, 1)
})

t.test('the answer of a create that is known by then changes nothing', async (t) => {
  const { gateway, calls, store } = await watched(t)
  const id = await accept(gateway, 'reseller')
  const row = () => queryStorage(gateway.directory, 'select * from generations where id = ?', [id])
  let known: unknown = null
  calls.save = async (ask, next, terms) => {
    if (next.attempts[0]?.state === 'running' && known === null) {
      await takeOver(gateway, store())
      t.equal(await store().save(next, { ...terms, lease: null }), 'saved')
      known = await row()
    }
    return ask()
  }
  await gateway.advance(0)
  t.match(await see(gateway, id), { attempts: [{ state: 'running', upstream_id: String }] })
  t.strictSame(await row(), known)
})

t.test('the answer of a create is stored once the store works again', async (t) => {
  const { gateway, calls } = await watched(t)
  const id = await accept(gateway, 'reseller')
  let refusals = 0
  calls.save = (ask, next) => {
    if (next.attempts[0]?.state !== 'running' || refusals === 2) return ask()
    refusals += 1
    return Promise.reject(new Error('disk full'))
  }
  await gateway.advance(0)
  t.equal(refusals, 2)
  t.match(await see(gateway, id), { attempts: [{ state: 'running', upstream_id: String }] })
})

t.test('a create does not leave under a lease that was lost', async (t) => {
  const { gateway, calls, store } = await watched(t)
  const id = await accept(gateway, 'reseller')
  calls.save = async (ask, next) => {
    if (next.attempts[0]?.state === 'submitting') await takeOver(gateway, store())
    return ask()
  }
  await gateway.advance(0)
  t.same((await see(gateway, id)).attempts, [], 'nothing of it was stored')
  t.equal(gateway.simulator.control.requests()['reseller']?.create ?? 0, 0)
})

t.test('what a worker learns under a lease that it has lost is not stored, and it stops', async (t) => {
  const { gateway, calls, store } = await watched(t)
  const id = await accept(gateway, 'reseller')
  await gateway.advance(0)
  gateway.simulator.control.failJob(gateway.simulator.control.renders()[0]?.id ?? '', 'processing_error')
  calls.poll = async (ask) => {
    await takeOver(gateway, store())
    return ask()
  }
  const before = await stored(gateway, id)
  await gateway.advance(1000)
  t.same(await stored(gateway, id), before)
  t.match(await see(gateway, id), { attempts: [{ state: 'running' }] })
  t.equal(gateway.simulator.control.requests()['reseller']?.poll, 1)
})
