import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, reverse } from './gateway.ts'

const size = 2000
const bearer = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
const asked = JSON.stringify({ prompt: 'a mill', duration: 5, routing: { deadline_seconds: 86_400 } })

t.test(
  'a kill in the middle of ending 2,000 generations of a revoked key loses none of the rest',
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-revoked-'))
    const upstreams = [{ ...reverse, render: { milliseconds: 600_000 } }]
    const simulator = await startSimulator({ upstreams })
    const file = join(directory, 'understudy.yaml')
    const settings = { reseller: { limits: { max_in_flight: 1 } } }
    await writeFile(
      file,
      configText(simulator, upstreams, directory, {
        settings,
        keys: { other: { scopes: ['admin'] } },
      }),
    )
    let gateway = await startProcess(file)
    t.teardown(async () => {
      gateway.child.kill('SIGKILL')
      await simulator.close()
      await rm(directory, { recursive: true, force: true })
    })
    const call = (method: string, path: string, key: string, body?: string) =>
      fetch(`${gateway.address}${path}`, {
        method,
        headers: bearer(key),
        ...(body !== undefined && { body }),
      })
    const made = await call('POST', '/keys', keys.other, JSON.stringify({ name: 'worker', tenant: 'studio' }))
    const worker: any = await made.json()
    for (let sent = 0; sent < size + 1;) {
      const answers = await Promise.all(
        Array.from({ length: Math.min(20, size + 1 - sent) }, () =>
          call('POST', '/generate', worker.secret, asked),
        ),
      )
      sent += answers.filter(({ status }) => status === 202).length
    }
    const database = new DatabaseSync(join(directory, 'understudy.db'), { timeout: 5000 })
    t.teardown(() => database.close())
    const count = (where: string): number =>
      Number(database.prepare(`select count(*) as n from generations where ${where}`).get()?.['n'])
    const ended = () => count("status = 'cancelled'")
    const until = async (holds: () => boolean): Promise<void> => {
      for (let tries = 0; !holds(); tries++) {
        if (tries > 12_000) throw new Error(`did not come to hold; ${ended()} have ended`)
        await pause(5)
      }
    }
    await until(() => count("status = 'in_progress'") === 1)
    t.equal((await call('DELETE', `/keys/${worker.id}`, keys.other)).status, 204)
    await until(() => ended() > 100)
    gateway.child.kill('SIGKILL')
    await once(gateway.child, 'exit')
    const atKill = ended()
    t.ok(atKill < size, `${atKill} had ended at the kill`)

    const startedAt = performance.now()
    gateway = await startProcess(file)
    await until(() => ended() === size)
    const seconds = (performance.now() - startedAt) / 1000
    t.comment(`killed with ${atKill} of ${size} ended; the rest within ${seconds.toFixed(1)} s of the start`)
    t.equal(count(`json_extract(doc, '$.error.code') = 'key_revoked'`), size)
    t.equal(count('due_at is not null'), 1, 'the job that runs is watched, and nothing else is due')
    t.equal(count(`due_at is not json_extract(doc, '$.dueAt')`), 0, 'columns and documents say the same')
    t.equal(simulator.control.renders('reseller').length, 1)
  },
)
