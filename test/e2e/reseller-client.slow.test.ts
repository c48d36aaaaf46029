import t from 'tap'
import { createResellerClient } from '../clients/reseller-client.ts'
import type { ResellerClient } from '../clients/reseller-client.ts'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'

const scenes = ['walks by the sea', 'pours coffee', 'reads in the park']

function clientOf(gateway: Gateway): ResellerClient {
  return createResellerClient({
    baseUrl: `${gateway.address}/v1`,
    apiKey: keys.studio,
    async sleep(seconds) {
      for (let second = 0; second < seconds; second++) await gateway.advance(1000)
    },
  })
}

const clipUrl = (gateway: Gateway) => `${gateway.simulator.origin}/clips/barista.mp4?seconds=3&size=320x240`

async function isVideo(url: string): Promise<boolean> {
  const response = await fetch(url)
  return (
    response.ok &&
    Buffer.from(await response.arrayBuffer())
      .subarray(4, 8)
      .toString() === 'ftyp'
  )
}

t.test(
  'a reseller’s client makes a series with one character, with another base URL and nothing else',
  async (t) => {
    const gateway = await startGateway(t, { settings: { reseller: { timeouts: { create_seconds: 30 } } } })
    const client = clientOf(gateway)
    const barista = await client.createCharacter(clipUrl(gateway), 'Barista', 'a woman in a green apron')
    const urls = await client.series(barista, scenes)
    t.equal(urls.length, 3)
    for (const url of urls) t.ok(await isVideo(url), 'anybody can download it')
    t.same(await client.listCharacters(), [{ character_id: barista, name: 'Barista' }])
    t.same(
      gateway.simulator.control.renders().map(({ upstream, characters }) => [upstream, characters.length]),
      scenes.map(() => ['reseller', 1]),
    )
  },
)

for (const fault of [{ kind: 'down' }, { kind: 'overloaded' }, { kind: 'model_gone' }] as const) {
  t.test(
    `the same client gets its series from the official upstream while the reseller is ${fault.kind}`,
    async (t) => {
      const gateway = await startGateway(t)
      gateway.simulator.control.setFaults('reseller', [fault])
      const client = clientOf(gateway)
      const barista = await client.createCharacter(clipUrl(gateway), 'barista', 'a woman in a green apron')
      const urls = await client.series(barista, scenes)
      for (const url of urls) t.ok(await isVideo(url))
      t.same(
        gateway.simulator.control.renders().map(({ upstream }) => upstream),
        ['official', 'official', 'official'],
      )
    },
  )
}

t.test('a character is taken from a finished task and plays in the next', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse] })
  const client = clientOf(gateway)
  const task = await client.generate('a robot waters flowers', 5)
  await t.rejects(client.extractCharacter(task, 'robot'), /HTTP 400: .*"param":"task_id"/)
  await client.waitForVideo(task)
  const robot = await client.extractCharacter(task, 'robot')
  t.ok(await isVideo((await client.series(robot, ['dances']))[0]!))
})

t.test(
  'errors are those of a reseller: a status of 400 or more with its envelope, and `failed` for a job',
  async (t) => {
    const gateway = await startGateway(t, { upstreams: [reverse] })
    const client = clientOf(gateway)
    await t.rejects(client.generate('@char_unknown smiles', 5), /HTTP 400: .*"param":"prompt"/)
    await t.rejects(client.waitForVideo('task_1'), /HTTP 404: \{"error":/)
    await t.rejects(
      client.createCharacter('http://10.0.0.1/a.mp4', 'a', ''),
      /HTTP 400: .*"param":"video_url"/,
    )
    const refused = await client.generate('something forbidden', 5)
    await t.rejects(client.waitForVideo(refused), /generation failed: content_policy_violation: /)
  },
)

t.test(
  'a task says no more than its client needs: running, a URL that is signed, no key in it',
  async (t) => {
    const gateway = await startGateway(t, { upstreams: [official] })
    const { body: ticket } = await gateway.call('POST', '/v1/sora/generate', {
      prompt: 'a boat',
      duration: 4,
    })
    t.match(ticket, { task_id: /^gen_/, status: 'processing' })
    t.match((await gateway.call('GET', `/v1/sora/tasks/${ticket.task_id}`)).body, { status: 'processing' })
    await gateway.finished(ticket.task_id)
    const { body: task } = await gateway.call('GET', `/v1/sora/tasks/${ticket.task_id}`)
    t.match(task, { status: 'completed', progress: 100 })
    t.ok(task.video_url.startsWith(`${gateway.address}/media/`))
    t.notMatch(task.video_url, keys.studio)
  },
)
