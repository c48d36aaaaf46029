import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Answer, Gateway } from './gateway.ts'
import { eachUpstream, reverse, startGateway } from './gateway.ts'

/** What an upstream's methods throw, by name; null: nothing. */
const throws: { create: Error | null; poll: Error | null } = { create: null, poll: null }

const gateway = await startGateway(t, {
  routing: { late_watch_seconds: 7200 },
  upstreams: [
    { ...reverse, render: { polls: 1 } },
    { ...reverse, id: 'leaver', render: { polls: 1 } },
  ],
  wrap: {
    directory: eachUpstream((upstream) => ({
      create: async (request) => {
        if (throws.create !== null) throw throws.create
        return upstream.create(request)
      },
      poll: async (operation) => {
        if (throws.poll !== null) throw throws.poll
        return upstream.poll(operation)
      },
    })),
  },
})
const { control } = gateway.simulator

t.beforeEach(() => {
  control.reset()
  throws.create = null
  throws.poll = null
})

const asked = { prompt: 'a paper boat', duration: 5, routing: { upstreams: ['reseller'] } }

async function accept(body: object = {}): Promise<string> {
  const accepted = await gateway.call('POST', '/generate', { ...asked, ...body })
  if (accepted.status !== 202) throw new Error(JSON.stringify(accepted.body))
  return accepted.body.id
}

async function see(id: string): Promise<Answer['body']> {
  return (await gateway.call('GET', `/generations/${id}`)).body
}

async function pass(gateway: Gateway, ms: number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await gateway.advance(ms)
}

t.test(
  'a folder for downloads that is gone is shown, tried again ever later, and loses no video',
  async (t) => {
    const drafts = join(gateway.directory, 'media', 'tmp')
    const id = await accept()
    await gateway.advance(0)
    await rm(drafts, { recursive: true })
    await pass(gateway, 1000, 8)
    const early = await see(id)
    t.match(early, { status: 'in_progress', attempts: [{ state: 'archiving', cost_state: 'settled' }] })
    t.match(early.attempts[0].last_error, { code: 'step_failed', message: /archive: ENOENT/ })
    t.notMatch(early.attempts[0].last_error.message, gateway.directory, 'no path is told')
    await pass(gateway, 10_000, 12)
    const { tries } = (await see(id)).attempts[0].last_error
    t.ok(tries > early.attempts[0].last_error.tries && tries <= 12, `tried ${tries} times in two minutes`)
    // Longer than the tries that a vendor's own failing downloads have.
    await pass(gateway, 60_000, 40)
    t.match(await see(id), { status: 'in_progress', attempts: [{ state: 'archiving' }] })
    await mkdir(drafts)
    t.match(await gateway.finished(id), { status: 'completed', attempts: [{ last_error: null }] })
    t.equal(control.renders().length, 1)
  },
)

t.test('polls that throw are shown, and do not hold up the deadline', async (t) => {
  const id = await accept({ routing: { ...asked.routing, deadline_seconds: 120 } })
  await gateway.advance(0)
  throws.poll = new URIError('URI malformed')
  await pass(gateway, 1000, 10)
  const shown = await see(id)
  t.match(shown, { status: 'in_progress', attempts: [{ state: 'running' }] })
  t.match(shown.attempts[0].last_error, { code: 'step_failed', message: /poll: URIError/ })
  t.ok(shown.attempts[0].last_error.tries < 6)
  await pass(gateway, 10_000, 12)
  t.match(await see(id), { status: 'failed', error: { code: 'deadline_exceeded' } })
  throws.poll = null
  await pass(gateway, 60_000, 3)
  t.match(await see(id), { attempts: [{ state: 'succeeded', cost_state: 'settled', last_error: null }] })
})

t.test('a create that throws after it may have left is unknown, and not sent again', async (t) => {
  throws.create = new Error('nobody foresaw this')
  const id = await accept()
  await pass(gateway, 1000, 5)
  t.match(await see(id), { attempts: [{ state: 'unknown', failure: { code: 'outcome_unknown' } }] })
  throws.create = null
  await gateway.call('POST', `/generations/${id}/cancel`)
})

t.test('waiting for an upstream that left the configuration ends with the watch', async (t) => {
  const drafts = join(gateway.directory, 'media', 'tmp')
  const id = await accept({ routing: { upstreams: ['leaver'] } })
  await gateway.advance(0)
  await rm(drafts, { recursive: true })
  await pass(gateway, 1000, 4)
  t.match(await see(id), { attempts: [{ state: 'archiving' }] })
  await mkdir(drafts, { recursive: true })
  await gateway.restart(0, [{ ...reverse, render: { polls: 1 } }])
  await gateway.advance(60_000)
  const waiting = await see(id)
  t.match(waiting.attempts[0].last_error, {
    code: 'upstream_absent',
    message: /leaver is no longer configured/,
  })
  t.match(await gateway.call('DELETE', `/generations/${id}`), { status: 409 })
  await pass(gateway, 600_000, 13)
  t.match(await see(id), { status: 'failed', error: { code: 'archive_failed' } })
  t.match(await gateway.call('DELETE', `/generations/${id}`), { status: 204 })
})
