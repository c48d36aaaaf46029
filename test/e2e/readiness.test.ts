import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { loadConfig } from '../../src/gateway/config/load-config.ts'
import { createContainer } from '../../src/gateway/wiring/container.ts'
import { createLogger } from '../../src/gateway/process/logger.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { inlineDialects, knownDialects } from '../../src/gateway/upstreams/dialects.ts'
import { configText, keys, reverse } from './gateway.ts'

t.test('work that is due and not taken up makes the process unready, until it is taken up', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-ready-'))
  const simulator = await startSimulator({ upstreams: [reverse] })
  const text = `${configText(simulator, [reverse], directory)}workers:\n  overdue_seconds: 1\n`
  const loaded = loadConfig({ text, fileName: null, env: {}, knownDialects, inlineDialects })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  let isStuck = true
  const container = await createContainer(loaded.config, loaded.secrets, {
    logger: createLogger('silent', { write: () => undefined }),
    wrap: {
      store: (store) => ({
        ...store,
        claimDue: async (query) => (isStuck ? [] : store.claimDue(query)),
      }),
    },
  })
  t.teardown(async () => {
    await container[Symbol.asyncDispose]()
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })
  const address = await container.listen()
  const ready = async () => {
    const answer = await fetch(`${address}/health/ready`)
    return { status: answer.status, text: await answer.text() }
  }
  const becomes = async (status: number) => {
    for (let tries = 0; tries < 600; tries++) {
      const answer = await ready()
      if (answer.status === status) return answer
      await pause(25)
    }
    return ready()
  }

  t.equal((await becomes(200)).status, 200)
  const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ prompt: 'a boat', duration: 5 })
  t.equal((await fetch(`${address}/generate`, { method: 'POST', headers, body })).status, 202)
  const unready = await becomes(503)
  t.equal(unready.status, 503)
  t.match(unready.text, /The oldest due work has waited for \d+ s/)
  t.equal((await fetch(`${address}/health/live`)).status, 200, 'it is alive all the same')
  isStuck = false
  t.equal((await becomes(200)).status, 200)
})
