import t from 'tap'
import type { SimulatedUpstream } from '../../src/simulator/simulator.ts'
import { client, heldClock, read, reseller, stage } from './stage.ts'

/** Who may fetch a result, by the rule and the counts of docs/vendors/resellers.md#downloads-and-keys. */

async function finished(t: Parameters<typeof stage>[0], files: NonNullable<SimulatedUpstream['files']>) {
  const clock = heldClock()
  const upstream = reseller({ files, expiresAfterSeconds: 60 })
  const simulator = await stage(t, [upstream], clock)
  const ask = client(simulator, upstream)
  const { task_id: id } = (await ask('POST', '/sora/generate', { prompt: 'a fox', duration: 5 })).json
  simulator.control.finish(id)
  const { video_url: url } = (await ask('GET', `/sora/tasks/${id}`)).json
  return { simulator, clock, upstream, url: String(url) }
}

const get = async (address: string, key?: string) =>
  read(await fetch(address, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } }))

t.test('an open file is for anybody, with credentials or without', async (t) => {
  const { url } = await finished(t, 'open')
  t.equal((await get(url)).status, 200)
  t.equal((await get(url, 'any')).status, 200)
})

t.test('a guarded file is under the base URL’s host and wants the upstream’s key', async (t) => {
  const { simulator, upstream, url } = await finished(t, 'guarded')
  t.ok(url.startsWith(`${simulator.hostUrl('reseller')}/files/`))
  t.match(await get(url), { status: 401, json: { error: { code: 'invalid_api_key' } } })
  t.equal((await get(url, upstream.apiKey)).text.slice(4, 8), 'ftyp')
})

t.test('a signed file is on another origin, and credentials beside the signature break it', async (t) => {
  const { simulator, clock, upstream, url } = await finished(t, 'signed')
  t.not(new URL(url).origin, simulator.origin)
  t.equal((await get(url)).text.slice(4, 8), 'ftyp')
  t.match(await get(url, upstream.apiKey), { status: 400, text: /InvalidArgument/ })
  t.match(await get(url.replace(/signature=\w+/, 'signature=0')), {
    status: 403,
    text: /SignatureDoesNotMatch/,
  })
  simulator.control.setFaults('reseller', [{ kind: 'wrong_type', times: 1 }])
  t.match((await get(url)).text, /doctype/)
  clock.advance(60_000)
  t.match(await get(url), { status: 403, text: /AccessDenied/ })
})
