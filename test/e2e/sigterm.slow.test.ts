import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { aClip } from '../fixtures/clips.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, reverse } from './gateway.ts'

const headers = { authorization: `Bearer ${keys.studio}` }
const places = 4
const jobs = 10

/** A video that is more than the buffers of two sockets hold. */
async function aLargeClip(): Promise<Buffer> {
  const clip = await aClip({ seconds: 3, width: 320, height: 240 })
  const box = Buffer.alloc(64 * 1024 * 1024)
  box.writeUInt32BE(box.length)
  box.write('free', 4)
  return Buffer.concat([clip, box])
}

t.test(
  'SIGTERM with an unread download and creates in hand ends the process in time: no create leaves any more, and those in hand are kept',
  async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'understudy-sigterm-'))
    const simulator = await startSimulator({ upstreams: [reverse] })
    const { control } = simulator
    const file = join(directory, 'understudy.yaml')
    const timeouts = { connect_seconds: 1, create_seconds: 30 }
    const settings = { reseller: { timeouts } }
    const text = configText(simulator, [reverse], directory, { settings })
    await writeFile(file, `${text}workers:\n  concurrency:\n    create: ${places}\n`)
    let { child, address } = await startProcess(file)
    t.teardown(async () => {
      child.kill('SIGKILL')
      await simulator.close()
      await rm(directory, { recursive: true, force: true })
    })

    const form = new FormData()
    form.append('name', 'boat')
    form.append('video', new Blob([new Uint8Array(await aLargeClip())]), 'boat.mp4')
    const made = await fetch(`${address}/characters`, { method: 'POST', headers, body: form })
    t.equal(made.status, 201, await made.text())
    const reader = connect(Number(new URL(address).port), '127.0.0.1')
    reader.on('error', () => undefined).pause()
    reader.write(
      `GET /characters/boat/clip HTTP/1.1\r\nhost: x\r\nauthorization: ${headers.authorization}\r\n\r\n`,
    )
    await once(reader, 'readable')

    control.setFaults('reseller', [{ on: ['create'], kind: 'slow', delayMs: 3000 }])
    const ids = await Promise.all(
      Array.from({ length: jobs }, async () => {
        const answer = await fetch(`${address}/generate`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ prompt: 'a boat', duration: 5 }),
        })
        const body: any = await answer.json()
        return String(body.id)
      }),
    )
    const creates = () => control.requests()['reseller']?.create ?? 0
    while (creates() < places) await pause(5)

    const exit = once(child, 'exit')
    const from = performance.now()
    child.kill('SIGTERM')
    t.same(await exit, [0, null], 'it ends by itself')
    const ms = Math.round(performance.now() - from)
    t.comment(`ended after ${ms} ms, with ${creates()} creates`)
    t.ok(ms < 9000, `after ${ms} ms`)
    t.equal(creates(), places, 'no other create left')

    control.setFaults('reseller', [])
    const inHand = control.renders().length
    t.equal(inHand, places)
    ;({ child, address } = await startProcess(file))
    for (const id of ids) {
      let shown: any
      while (shown?.status !== 'completed') {
        const answer = await fetch(`${address}/generations/${id}?wait=30`, { headers })
        shown = await answer.json()
        if (shown.status === 'failed') break
      }
      t.match(shown, { status: 'completed', attempts: [{ state: 'succeeded' }] })
      t.equal(shown.attempts.length, 1)
    }
    t.equal(creates(), jobs, 'every job was created once')
    t.equal(control.renders().length, jobs)
  },
)
