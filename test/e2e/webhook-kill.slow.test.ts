import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { startProcess } from './gateway-process.ts'
import { configText, keys, official, reverse } from './gateway.ts'
import { isVerified, startReceiver } from './receiver.ts'

const headers = { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json' }
const kills = 2

async function call(address: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${address}${path}`, {
    headers,
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  return response.json()
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2400; tries++) {
    if (await holds()) return
    await pause(25)
  }
  throw new Error('did not come to hold')
}

t.test('kill -9 between sending a webhook and storing that repeats it under the same id', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-webhook-kill-'))
  const upstreams = [reverse, official]
  const simulator = await startSimulator({ upstreams })
  const receiver = await startReceiver(t)
  const file = join(directory, 'understudy.yaml')
  await writeFile(file, configText(simulator, upstreams, directory))
  let gateway = await startProcess(file)
  t.teardown(async () => {
    gateway.child.kill('SIGKILL')
    await simulator.close()
    await rm(directory, { recursive: true, force: true })
  })

  // The receiver has accepted the message when the gateway dies, and the gateway has not stored that.
  receiver.respond = () => (receiver.messages.length > kills ? 204 : null)
  const { secret } = await call(gateway.address, '/webhook-secrets', {})
  await call(gateway.address, '/generate', {
    prompt: 'a harbour',
    duration: 10,
    webhook_url: receiver.url,
    // Both come to pass whatever the kills do to the create.
    webhook_events: ['generation.queued', 'attempt.started'],
  })
  for (let count = 1; count <= kills; count++) {
    await until(() => receiver.messages.length === count)
    gateway.child.kill('SIGKILL')
    await once(gateway.child, 'exit')
    gateway = await startProcess(file)
  }
  await until(() => receiver.messages.length > kills)
  const id = receiver.messages[0]?.body.data.generation_id
  await until(async () => {
    const { data } = await call(gateway.address, `/generations/${id}/deliveries`)
    // Under load a gateway that has just started may answer that it is overloaded.
    return data?.length === 2 && data.every(({ state }: { state: string }) => state === 'delivered')
  })

  const [first] = receiver.messages
  const repeated = receiver.messages.slice(0, kills + 1)
  t.same(new Set(repeated.map((message) => message.id)), new Set([first?.id]))
  t.same(new Set(repeated.map(({ text }) => text)), new Set([first?.text]))
  for (const message of receiver.messages) {
    t.ok(isVerified(secret, message, Number(message.headers['webhook-timestamp']) * 1000))
  }
  t.same(
    receiver.messages.slice(kills).map(({ body }) => body.type),
    ['generation.queued', 'attempt.started'],
    'and then the story goes on',
  )
})
