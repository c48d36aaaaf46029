import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulated-upstream.ts'
import { official, startGateway } from './gateway.ts'

/** Ark with its asset library (docs/vendors/video-apis.md#ark): a key for scenes, a key pair for what characters are made with. */
const ark: SimulatedUpstream = {
  ...official,
  id: 'ark',
  dialect: 'ark-tasks',
  apiKey: 'ark-key-0001',
  keyPair: { accessKey: 'ark-access-0001', secretKey: 'ark-secret-of-the-account-0001' },
  durations: [5],
  sizes: ['426x240', '240x426'],
  price: { perSecondUsd: { default: 0.1 } },
  characters: true,
}
const settings = {
  access_key: ark.keyPair?.accessKey,
  secret_key: ark.keyPair?.secretKey,
  characters: 'native',
  max_characters: 3,
  references: ['image', 'video'],
  price: { per_second_usd: { default: 0.1 }, charged_on: 'success' },
}
const gateway = await startGateway(t, {
  upstreams: [ark],
  patient: true,
  settings: (simulator) => ({
    ark: {
      ...settings,
      dialect: {
        extends: 'ark-tasks',
        services: { assets: { base_url: `${simulator.hostUrl('ark')}/openapi` } },
      },
    },
  }),
})
const scene = { duration: 5, size: '426x240' }

t.test('a character is made once, with signed calls, and plays in two scenes', async (t) => {
  const character = await gateway.call('POST', '/characters', {
    name: 'mossy',
    description: 'a moss troll with a lantern',
    video_url: `${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`,
  })
  t.equal(character.status, 201)
  for (const prompt of ['@mossy walks on the beach', '@mossy sleeps']) {
    const made = await gateway.generate({ ...scene, prompt })
    t.match(made, { status: 'completed', characters: [{ fidelity: 'native' }], warnings: { length: 0 } })
    const [asset] = gateway.simulator.control.characters()
    t.match(asset, { name: 'mossy', groupId: /^group-/ })
    t.match(gateway.simulator.control.renders('ark').at(-1), {
      prompt: prompt.replace('@mossy', 'the subject in Video 1'),
      characters: [asset?.id],
      inputs: [],
    })
  }
  t.match(gateway.simulator.control.requests()['ark'], { character_group: 1, character_create: 1 })
})

t.test('an unsigned call, and the key of scenes, open nothing there', async (t) => {
  const url = `${gateway.simulator.hostUrl('ark')}/openapi/?Action=CreateAssetGroup&Version=2024-01-01`
  for (const headers of [{}, { authorization: `Bearer ${ark.apiKey}` }]) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"Name":"mossy"}',
    })
    t.match(
      [answer.status, await answer.json()],
      [400, { ResponseMetadata: { Error: { Code: 'MissingRequestInfo' } } }],
    )
  }
})
