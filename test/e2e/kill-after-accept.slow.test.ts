import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, reverse } from './gateway.ts'

const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
const header = 'X-Once'

for (const deduplicates of [true, false]) {
  const where = deduplicates ? 'an upstream that knows a create again' : 'one that does not'
  t.test(`killed between the commit of an accept and its create: nothing is lost at ${where}`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-accept-'))
    const upstream = { ...reverse, ...(deduplicates && { idempotencyHeader: header }) }
    const simulator = await startSimulator({ upstreams: [upstream] })
    const [file, armed] = [join(directory, 'understudy.yaml'), join(directory, 'armed')]
    const settings = {
      reseller: {
        poll: { first_after_seconds: 0.3, every_seconds: 0.3 },
        ...(deduplicates && { idempotency_header: header }),
      },
    }
    const routing = { unknown_hold_seconds: 1 }
    await writeFile(file, configText(simulator, [upstream], directory, { routing, settings }))
    const preload = new URL(`end-after-accept.ts?file=${encodeURIComponent(armed)}`, import.meta.url).href
    let { child, address } = await startProcess(file, undefined, ['--import', preload])
    t.teardown(async () => {
      child.kill('SIGKILL')
      await simulator.close()
      await rm(directory, { recursive: true, force: true })
    })
    const list = async (): Promise<any[]> => {
      const page: any = await (await fetch(`${address}/generations`, { headers })).json()
      return page.data
    }

    await writeFile(armed, '')
    const exited = once(child, 'exit')
    const body = JSON.stringify({ prompt: 'a paper boat', duration: 10 })
    await t.rejects(fetch(`${address}/generate`, { method: 'POST', headers, body }))
    t.same(await exited, [null, 'SIGKILL'])
    t.same(simulator.control.renders(), [], 'nothing had left')

    await rm(armed)
    ;({ child, address } = await startProcess(file))
    let [found] = await list()
    while (!['completed', 'failed'].includes(found?.status)) {
      await pause(50)
      ;[found] = await list()
    }
    const sent = simulator.control.renders().length
    t.comment(`${found.status}, ${sent} sent`)
    if (found.status === 'completed') return t.equal(sent, 1)
    t.notOk(deduplicates, 'where it can be sent again it is')
    t.match(found, { error: { code: 'outcome_unknown' }, attempts: [{ state: 'unknown' }] })
    return t.equal(sent, 0, 'not sent at all rather than twice')
  })
}
