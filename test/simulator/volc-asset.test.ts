import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { client, read, stage, vendor } from './stage.ts'

/** The asset library and Seedance at resellers, as docs/vendors/job-apis.md#seedance-and-its-assets describes them. */

const volc = (quirks: Partial<SimulatedUpstream> = {}) =>
  vendor('volc-asset', { models: ['seedance'], characterRender: { polls: 2 }, ...quirks })
const text = (words: string) => ({ type: 'text', text: words })
const order = { model: 'seedance', content: [text('a fox')], ratio: '16:9', resolution: '720p', duration: 5 }

t.test('a generation is nested twice, in upper case, with a percent sign', async (t) => {
  const upstream = volc()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const { json } = await ask('POST', '/v1/video/generations', { ...order, watermark: false })
  t.match(json, { id: /^cgt-/, task_id: json.id })
  t.match(simulator.control.renders(), [{ prompt: 'a fox', extras: { watermark: false } }])
  const poll = async () => (await ask('GET', `/v1/video/generations/${json.id}`)).json
  t.match(await poll(), { code: 'success', data: { status: 'PROCESSING', progress: '50%', fail_reason: '' } })
  const done = await poll()
  t.match(done, { data: { status: 'SUCCESS', progress: '100%' } })
  t.equal((await read(await fetch(done.data.data.content.video_url))).status, 200)
})

t.test('an asset is used once a list of its group says that it is active', async (t) => {
  const upstream = volc()
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const model = 'volc-asset'
  const { Id: group } = (await ask('POST', '/volc/asset/CreateAssetGroup', { model, Name: 'foxes' })).json
  t.match(group, /^group-/)
  const URL = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const asset = { model: 'volc-asset-video', GroupId: group, Name: 'fox', AssetType: 'Video', URL }
  const { Id: id } = (await ask('POST', '/volc/asset/CreateAsset', asset)).json
  t.match(id, /^asset-/)
  const list = async (filter: object) =>
    (await ask('POST', '/volc/asset/ListAssets', { model, Filter: filter, PageNumber: 1, PageSize: 10 })).json
      .Items
  const content = [
    text('the fox of Image 1 runs'),
    { type: 'video_url', video_url: { url: `asset://${id}` }, role: 'reference_video' },
  ]
  t.match(await list({ GroupIds: [group] }), [{ Id: id, Status: 'Processing' }])
  t.equal((await ask('POST', '/v1/video/generations', { ...order, content })).status, 400)
  // A filter by type finds nothing, as the groups have none.
  t.same(await list({ GroupIds: [group], GroupType: 'AIGC' }), [])
  t.match(await list({ GroupIds: [group] }), [{ Id: id, Status: 'Active' }])
  t.equal((await ask('POST', '/v1/video/generations', { ...order, content })).status, 200)
  t.match(simulator.control.renders(), [{ characters: [id], prompt: 'the fox of Image 1 runs' }])
  t.match(simulator.control.requests()[upstream.id], {
    character_group: 1,
    character_create: 1,
    character_read: 3,
  })
  simulator.control.revokeCharacter(id)
  t.equal((await ask('POST', '/v1/video/generations', { ...order, content })).status, 400)
})

t.test('an asset that is refused fails; what is wrong with its call is said at once', async (t) => {
  const upstream = volc({ assetGroups: ['group-1'] })
  const simulator = await stage(t, [upstream])
  const ask = client(simulator, upstream)
  const URL = `${simulator.origin}/clips/fox.mp4?seconds=3&size=64x36`
  const asset = { model: 'volc-asset-video', GroupId: 'group-1', Name: 'fox', AssetType: 'Video', URL }
  const wrong = [
    { ...asset, GroupId: 'group-2' },
    { ...asset, GroupId: undefined },
    { ...asset, AssetType: undefined },
    { ...asset, URL: 'http://127.0.0.1:9/a.mp4' },
    { ...asset, model: 'seedance' },
    { ...asset, Name: 'forbidden' },
  ]
  for (const body of wrong) t.ok((await ask('POST', '/volc/asset/CreateAsset', body)).status >= 400)
  t.same(simulator.control.characters(), [])
  simulator.control.setFaults(upstream.id, [{ kind: 'character_fails', code: 'FaceNotVerified', times: 1 }])
  await ask('POST', '/volc/asset/CreateAsset', asset)
  const list = async () =>
    (await ask('POST', '/volc/asset/ListAssets', { model: 'volc-asset', Filter: { GroupIds: ['group-1'] } }))
      .json
  await list()
  t.match(await list(), { Items: [{ Status: 'Failed', Error: { Code: 'FaceNotVerified' } }], TotalCount: 1 })
})

t.test('assets may want a key of their own', async (t) => {
  const upstream = volc({ assetKey: 'key-of-assets' })
  const simulator = await stage(t, [upstream])
  const body = { model: 'volc-asset', Name: 'foxes' }
  const path = '/volc/asset/CreateAssetGroup'
  t.equal((await client(simulator, upstream)('POST', path, body)).status, 401)
  const assets = client(simulator, { ...upstream, apiKey: 'key-of-assets' })
  t.equal((await assets('POST', path, body)).status, 200)
  t.equal((await assets('POST', '/v1/video/generations', order)).status, 401)
})
