import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { request } from 'undici'
import t from 'tap'
import { official, startGateway } from '../e2e/gateway.ts'

for (const style of ['gzip', 'br', 'deflate', 'unlabelled_gzip', 'bom', 'envelope', 'echo'] as const) {
  t.test(`a right answer is right when it comes as ${style}`, async (t) => {
    const gateway = await startGateway(t, { upstreams: [official] })
    gateway.simulator.control.setFaults('official', [{ kind: 'odd_wrapping', style }])
    const generation = await gateway.generate({ prompt: 'a boat', duration: 4 })
    t.equal(generation.status, 'completed', JSON.stringify(generation.attempts))
    t.equal(generation.attempts.length, 1)
    t.equal(gateway.simulator.control.renders().length, 1)
  })
}

t.test('the simulator really wraps what it answers', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const { control } = gateway.simulator
  const url = `${gateway.simulator.baseUrl('official')}/videos/nobody`
  const ask = async (style: 'gzip' | 'br' | 'deflate' | 'unlabelled_gzip' | 'bom' | 'envelope' | 'echo') => {
    control.setFaults('official', [{ kind: 'odd_wrapping', style }])
    const { headers, body } = await request(url, { headers: { authorization: `Bearer ${official.apiKey}` } })
    return { encoding: headers['content-encoding'], bytes: Buffer.from(await body.arrayBuffer()) }
  }
  const gzip = await ask('gzip')
  t.match([gzip.encoding, gunzipSync(gzip.bytes).toString()], ['gzip', /"error"/])
  const br = await ask('br')
  t.match([br.encoding, brotliDecompressSync(br.bytes).toString()], ['br', /"error"/])
  const deflate = await ask('deflate')
  t.match([deflate.encoding, inflateSync(deflate.bytes).toString()], ['deflate', /"error"/])
  const bare = await ask('unlabelled_gzip')
  t.match([bare.encoding, gunzipSync(bare.bytes).toString()], [undefined, /"error"/])
  t.equal((await ask('bom')).bytes.readUIntBE(0, 3), 0xefbbbf)
  t.match(JSON.parse((await ask('envelope')).bytes.toString()), { code: 'success', data: { error: {} } })
  t.ok((await ask('echo')).bytes.length > 3_000_000)
})
