import t from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

const oncall = { authorization: `Bearer ${keys.other}` }
const scene = { prompt: 'a zirconflower in the rain', duration: 5 }

/** Lists no jobs, so that nobody but a person can find out about a lost answer. */
const lossy = { ...reverse, id: 'lossy', price: { perRequestUsd: 0.05 } }
const blocked = { ...reverse, id: 'blocked', price: { perRequestUsd: 0.02 } }

const subjectsOf = (entries: Array<{ action: string; subject: string }>, action: string) =>
  entries.filter((each) => each.action === action).map(({ subject }) => subject)

const servedBy = ({ status, attempts }: Answer['body']) => [status, attempts.at(-1).upstream]

t.test(
  'an account is blocked and another vendor loses answers: one operator finds out and ends it',
  async (t) => {
    const log: string[] = []
    const gateway = await startGateway(t, {
      upstreams: [blocked, lossy, official],
      keys: { other: { scopes: ['operate'] } },
      routing: { unknown_hold_seconds: 3600, deadline_seconds: 7200 },
      onLine: (line) => log.push(line),
    })
    const { control } = gateway.simulator
    const ask = async (method: string, path: string, body?: unknown): Promise<Answer['body']> => {
      const answer = await gateway.call(method, path, body, oncall)
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`)
      return answer.body
    }
    const accept = async (): Promise<string> => (await gateway.call('POST', '/generate', scene)).body.id
    const lines = (id: string) => log.map((line) => JSON.parse(line)).filter((line) => line.generation === id)

    // One vendor turns the account away. The other takes a job and breaks the connection, and then fails before it takes one.
    control.setFaults('blocked', [{ kind: 'billing' }])
    control.setFaults('lossy', [
      { kind: 'reset', accepted: true, times: 1 },
      { kind: 'server_error', body: 'html', times: 1 },
    ])
    const taken = await accept()
    await gateway.advance(1000)
    const notTaken = await accept()
    await gateway.advance(1000)

    // What needs a person, of all tenants, without their prompts.
    const attention = await ask('GET', '/generations?attention=true')
    t.same(new Set(attention.data.map(({ id }: { id: string }) => id)), new Set([taken, notTaken]))
    t.match(attention.data, [{ tenant: 'studio' }, { tenant: 'studio' }])
    t.notMatch(JSON.stringify(attention), /zirconflower/)
    t.match(await ask('GET', '/generations/counts?attention=true'), { total: 2 })

    // The cause, in the log: first the account, told once, then an answer that was lost.
    const troubles = log.map((line) => JSON.parse(line)).filter(({ msg }) => /rejects its account/.test(msg))
    t.match(troubles, [{ upstream: 'blocked', level: 40 }])
    t.equal(troubles.length, 1)
    const story = lines(taken).filter(({ level }) => level >= 30)
    t.match(
      story.map(({ msg, upstream }) => `${msg} ${upstream ?? ''}`.trim()).join('\n'),
      /attempt failed blocked[^]*attempt unknown lossy$/,
    )

    // The evidence: what both vendors answered.
    const exchanges = await ask('GET', `/generations/${taken}/exchanges`)
    t.match(JSON.stringify(exchanges), /insufficient_quota/)
    t.notMatch(JSON.stringify(exchanges), /zirconflower/)

    // Nothing more goes there.
    for (const id of ['blocked', 'lossy'])
      await ask('POST', `/upstreams/${id}/pause`, { reason: 'The account is blocked, or answers are lost' })
    const creates = () => ['blocked', 'lossy'].map((id) => control.requests()[id]?.create)
    const before = creates()
    const during = await accept()
    t.same(servedBy(await gateway.finished(during)), ['completed', 'official'])
    t.same(creates(), before)

    // A person looks at the vendor's dashboard: one job is there, and the other was never taken.
    const attemptOf = async (id: string): Promise<string> => {
      const { attempts } = await ask('GET', `/generations/${id}`)
      return attempts.find(({ state }: { state: string }) => state === 'unknown').id
    }
    const [job] = control.renders().filter(({ upstream }) => upstream === 'lossy')
    const attempts = { taken: await attemptOf(taken), notTaken: await attemptOf(notTaken) }
    await ask('POST', `/attempts/${attempts.taken}/look`)
    await ask('POST', `/attempts/${attempts.taken}/resolve`, {
      verdict: 'taken',
      upstream_id: job?.id,
      note: 'Their dashboard shows it.',
    })
    await ask('POST', `/attempts/${attempts.notTaken}/resolve`, {
      verdict: 'not_taken',
      note: 'Not on their dashboard.',
    })
    const ended = [await gateway.finished(taken), await gateway.finished(notTaken)]
    t.same(ended.map(servedBy), [
      ['completed', 'lossy'],
      ['completed', 'official'],
    ])

    // The account works again.
    control.setFaults('blocked', [])
    for (const id of ['blocked', 'lossy']) {
      await ask('POST', `/upstreams/${id}/probe`)
      await ask('POST', `/upstreams/${id}/resume`)
    }
    await ask('POST', '/upstreams/blocked/breakers/create/reset')
    const after = await accept()
    t.same(servedBy(await gateway.finished(after)), ['completed', 'blocked'])
    t.equal(log.filter((line) => line.includes('accepts its account again')).length, 1)

    // Nothing needs a person, nothing is lost, nothing was paid twice, and the ledger is the bill.
    t.same((await ask('GET', '/generations?attention=true')).data, [])
    t.equal(control.renders().length, 4, 'one render for each of the four generations')
    const { totals } = (await gateway.call('GET', '/usage')).body
    t.equal(totals.cost_usd, control.bill().totalUsd)
    t.equal(totals.reserved_cost_usd, 0)

    // Every step is in the audit log, with who took it.
    const admin = { authorization: `Bearer ${gateway.container.adminKey}` }
    const audit = (await gateway.call('GET', '/audit?limit=100', undefined, admin)).body.data
    const own = audit.filter(({ key }: { key: string }) => key === 'other').toReversed()
    t.same(subjectsOf(own, 'upstream.paused'), ['blocked', 'lossy'])
    t.same(subjectsOf(own, 'upstream.resumed'), ['blocked', 'lossy'])
    t.same(subjectsOf(own, 'upstream.probed'), ['blocked', 'lossy'])
    t.same(subjectsOf(own, 'upstream.breaker_reset'), ['blocked'])
    t.same(subjectsOf(own, 'attempt.looked_at'), [attempts.taken])
    t.same(subjectsOf(own, 'attempt.resolved'), [attempts.taken, attempts.notTaken])
  },
)
