import t from 'tap'
import type { Test } from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, keys, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const other = bearer(keys.other)
const body = { prompt: 'a mill by a river', duration: 5, routing: { deadline_seconds: 86_400 } }
const DAY = 24 * 3600_000
/** Every job after the first waits for its slot. */
const settings = { reseller: { limits: { max_in_flight: 1 } } }
const upstreams = [{ ...reverse, render: { polls: 1000 } }]

async function withQueue(t: Test) {
  const gateway = await startGateway(t, { upstreams, settings })
  const admin = bearer(gateway.container.adminKey ?? '')
  const accept = async (as: Record<string, string>, count: number): Promise<string[]> => {
    const ids: string[] = []
    for (let index = 0; index < count; index++) {
      const answer = await gateway.call('POST', '/generate', body, as)
      if (answer.status !== 202) throw new Error(JSON.stringify(answer.body))
      ids.push(answer.body.id)
    }
    return ids
  }
  // Uses the only slot, with another key.
  const [running = ''] = await accept(other, 1)
  await gateway.advance(1000)
  return { gateway, admin, accept, running }
}

async function makeKey(gateway: Gateway, admin: Record<string, string>, name: string, expiresAt?: number) {
  const expires_at = expiresAt && new Date(expiresAt).toISOString()
  const made = { name, tenant: 'other', ...(expires_at && { expires_at }) }
  const { body: key } = await gateway.call('POST', '/keys', made, admin)
  return { id: key.id, as: bearer(key.secret) }
}

/** Runs the batches without letting time pass, so that no check of the key is due on its own. */
async function endUnsent(gateway: Gateway): Promise<void> {
  while ((await gateway.container.endUnsent()) > 0);
}

async function states(gateway: Gateway, ids: string[], as = other): Promise<string[]> {
  const shown = await Promise.all(ids.map((id) => gateway.call('GET', `/generations/${id}`, undefined, as)))
  return shown.map(({ body: { status, error } }) => (error === null ? status : `${status} ${error.code}`))
}

const ended = 'cancelled key_revoked'

t.test('of a revoked key what waits for a slot ends at once; others keep their place', async (t) => {
  const { gateway, admin, accept, running } = await withQueue(t)
  const worker = await makeKey(gateway, admin, 'worker')
  const waiting = await accept(worker.as, 3)
  const [neighbour = ''] = await accept(other, 1)
  await gateway.advance(1000)
  t.equal((await gateway.call('DELETE', `/keys/${worker.id}`, undefined, admin)).status, 204)
  await endUnsent(gateway)
  t.same(await states(gateway, waiting), [ended, ended, ended])
  t.same(await states(gateway, [running, neighbour]), ['in_progress', 'queued'])
  t.equal(await gateway.container.endUnsent(), 0, 'and is not looked at again')
  t.equal(gateway.simulator.control.renders('reseller').length, 1)
})

t.test('what waits of a key that expires ends when it does, also over a restart', async (t) => {
  const { gateway, admin, accept } = await withQueue(t)
  const brief = await makeKey(gateway, admin, 'brief', gateway.now() + 60_000)
  const long = await makeKey(gateway, admin, 'long', gateway.now() + DAY)
  const [first, second] = [await accept(brief.as, 2), await accept(long.as, 1)]
  await gateway.advance(1000)
  await gateway.restart(60_000)
  await endUnsent(gateway)
  t.same(await states(gateway, [...first, ...second]), [ended, ended, 'queued'])
})

t.test('a key that is made again under the name does not take over what waited', async (t) => {
  for (const restarts of [false, true]) {
    const { gateway, admin, accept } = await withQueue(t)
    const first = await makeKey(gateway, admin, 'worker')
    const before = await accept(first.as, 2)
    await gateway.advance(1000)
    await gateway.call('DELETE', `/keys/${first.id}`, undefined, admin)
    const second = await makeKey(gateway, admin, 'worker')
    if (restarts) await gateway.restart()
    const after = await accept(second.as, 1)
    await endUnsent(gateway)
    t.same(await states(gateway, [...before, ...after]), [ended, ended, 'queued'])
  }
})

t.test('what waits of a key that left the configuration ends at the reload', async (t) => {
  const { gateway, accept } = await withQueue(t)
  const waiting = await accept(bearer(keys.studio), 2)
  await gateway.advance(1000)
  const text = configText(gateway.simulator, upstreams, gateway.directory, { settings })
  const without = text.replace(/ *- name: studio\n *key: .*\n/, '')
  t.not(without, text)
  const loaded = loadConfig({ text: without, fileName: null, env: {}, knownDialects, inlineDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  t.match(gateway.container.reload(loaded), { type: 'reloaded', changes: ['auth.keys'] })
  await endUnsent(gateway)
  const back = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
  if (!back.ok) throw new Error(JSON.stringify(back.problems))
  gateway.container.reload(back)
  t.same(await states(gateway, waiting, bearer(keys.studio)), [ended, ended])
})
