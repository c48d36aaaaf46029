import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import sharp from 'sharp'
import t from 'tap'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { createS3Client } from '../../src/gateway/media/s3/requests/s3-client.ts'
import { digestHeader, headObject, putSmall } from '../../src/gateway/media/s3/requests/s3-objects.ts'
import { createS3Signer } from '../../src/gateway/media/s3/requests/s3-signer.ts'
import { runExport, runImport } from '../../src/gateway/move-command.ts'
import { skipWithout } from '../observe/programs.ts'
import { startCuttingProxy } from '../s3/cutting-proxy.ts'
import { keys, startS3Proxy } from '../s3/s3proxy.ts'
import { fillEveryTable } from './every-table.ts'

const upstream = {
  id: 'official',
  kind: 'official',
  dialect: 'openai-videos',
  base_url: 'http://127.0.0.1:9',
  api_key: 'a-key-of-an-upstream',
  models: { 'sora-2': 'sora-2' },
  durations: [5],
  sizes: ['320x240'],
  price: { per_request_usd: 0.1 },
}
const skip = skipWithout('java', 'mvn')
const id = (number: number) => `media_${String(number).padStart(26, '0')}`
const placeOf = (number: number) => `${id(number).slice(-2)}/${id(number)}`
const keyOf = (number: number) => `of/a-test/${placeOf(number)}`
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** Has more bytes than one request takes, so that it is sent in three parts. */
const long = 3

async function run(command: typeof runExport, ...argv: string[]) {
  const printed = new PassThrough()
  const code = await command(argv, { stdout: printed, stderr: printed })
  printed.end()
  return { code, text: await text(printed) }
}

function configFile(folder: string, name: string, media: object): string {
  const directory = join(folder, name)
  mkdirSync(directory, { recursive: true })
  const file = join(directory, 'understudy.yaml')
  const storage = { url: `sqlite:${directory}/understudy.db` }
  writeFileSync(file, stringify({ storage, media, upstreams: [upstream] }))
  return file
}

/** An installation with three media files in a folder, and a configuration of one whose media are in a bucket. */
async function installations(t: Test) {
  const folder = t.testdir()
  const server = await startS3Proxy()
  t.teardown(() => server.stop())
  const proxy = await startCuttingProxy(server.endpoint)
  t.teardown(() => proxy.stop())
  const here = configFile(folder, 'here', { url: `file:${folder}/here/media` })
  await fillEveryTable(join(folder, 'here/understudy.db'), 3)
  writeFileSync(join(folder, 'here/secrets.json'), JSON.stringify({ gateway_key: 'a', link_secret: 'b' }))
  const size = { width: 20, height: 20, channels: 3 as const, background: 'red' }
  const files = new Map<number, Buffer>([
    [1, await sharp({ create: size }).png().toBuffer()],
    [2, Buffer.from('bytes of 2')],
    [long, randomBytes(17 * 1024 * 1024)],
  ])
  for (const [number, bytes] of files) {
    mkdirSync(join(folder, 'here/media', id(number).slice(-2)), { recursive: true })
    writeFileSync(join(folder, 'here/media', placeOf(number)), bytes)
  }
  const place = await server.bucket('videos')
  const there = configFile(folder, 'there', {
    url: 's3://videos/of/a-test',
    endpoint: proxy.address,
    access_key: keys.accessKey,
    secret_key: keys.secretKey,
    buffer_directory: join(folder, 'buffer'),
  })
  const client = createS3Client(createS3Signer(place, keys))
  t.teardown(() => client.close())
  const head = (number: number) => headObject(client, keyOf(number))
  return { folder, files, here, there, proxy, client, head }
}

t.test(
  'media move from a folder into a bucket and back: cut off, repeated, changed and damaged',
  { skip },
  async (t) => {
    const { folder, files, here, there, proxy, client, head } = await installations(t)
    const puts = () => proxy.seen().filter((name) => name.startsWith('PUT'))
    const to = join(folder, 'export')
    t.match(await run(runExport, '--to', to, '--media', '--config', here), { code: 0 })

    const importing = ['--from', to, '--config', there]
    proxy.cut(/^PUT .*partNumber=2/)
    const cut = await run(runImport, ...importing)
    t.match(cut, { code: 1, text: new RegExp(`Import failed: ${id(long)} was not copied: .*media storage`) })
    t.equal(await head(long), null, 'half a file is not visible')
    const query = { uploads: '', prefix: 'of/a-test/' }
    const uploads = await client.call({ method: 'GET', key: null, query })
    t.notMatch(uploads.text, /<Upload>/, 'and leaves no upload')

    proxy.cut(null)
    puts()
    t.match(await run(runImport, ...importing), { code: 0, text: /media files +3 +3 .*yes/ })
    t.ok(
      puts().some((name) => name.includes('partNumber=3')),
      'it is sent in parts',
    )
    for (const [number, bytes] of files)
      t.match(await head(number), { bytes: bytes.byteLength, sha256: sha256(bytes) })
    t.match(await head(1), { contentType: 'image/png' })
    t.match(await run(runImport, ...importing), { code: 0, text: /media files +3 +3 .*yes/ })
    t.same(puts(), [], 'what is there is not sent again')

    // By another program, which leaves no checksum.
    await putSmall(client, keyOf(1), files.get(1) ?? Buffer.of(), { contentType: 'image/png' })
    await putSmall(client, keyOf(2), Buffer.from('Bytes of 2'), { contentType: 'text/plain' })
    const picture = async (number: number) =>
      (await headObject(client, `${keyOf(number)}.thumbnail.webp`)) !== null
    for (const number of [1, 2])
      await putSmall(client, `${keyOf(number)}.thumbnail.webp`, Buffer.from('a picture'), {
        contentType: 'image/webp',
      })
    puts()
    t.match(await run(runImport, ...importing), { code: 0 })
    t.match(puts(), [new RegExp(`${id(2)}$`)], 'only the changed one is replaced')
    t.same([await picture(1), await picture(2)], [true, false], 'and only its picture is removed')
    t.match(await head(2), { sha256: sha256(Buffer.from('bytes of 2')) })
    writeFileSync(join(to, 'media', placeOf(2)), 'Bytes of 2')
    await client.call({ method: 'DELETE', key: keyOf(2) })
    t.match(await run(runImport, ...importing), {
      code: 1,
      text: /0002 was changed in the export: its checksum differs/,
    })
    t.equal(await head(2), null)

    const damaged = Buffer.from('bytes of 3')
    const store = (bytes: Buffer, claimed: string) =>
      client.call({
        method: 'PUT',
        key: keyOf(2),
        headers: { [digestHeader]: claimed },
        payload: { bytes: bytes.byteLength, sha256: sha256(bytes), open: () => bytes },
      })
    await store(damaged, sha256(Buffer.from('bytes of 2')))
    t.match(await run(runExport, '--to', join(folder, 'damaged'), '--media', '--config', there), {
      code: 1,
      text: /Export failed: The bytes of media_0+2 are not those that were stored\. Export again/,
    })
    await store(Buffer.from('bytes of 2'), sha256(Buffer.from('bytes of 2')))

    const back = join(folder, 'back')
    const exporting = ['--to', back, '--media', '--config', there]
    proxy.cut(new RegExp(`^GET .*${id(long)}`))
    t.match(await run(runExport, ...exporting), {
      code: 1,
      text: new RegExp(`Export failed: ${id(long)} was not copied: .*media storage`),
    })
    proxy.cut(null)
    proxy.seen()
    t.match(await run(runExport, ...exporting), { code: 0, text: /3 media files/ })
    t.notMatch(proxy.seen().join('\n'), new RegExp(`GET .*${id(2)}`), 'what was copied is not read again')
    for (const [number, bytes] of files)
      t.ok(readFileSync(join(back, 'media', placeOf(number))).equals(bytes), `file ${number} came back`)
    const again = configFile(folder, 'again', { url: `file:${folder}/again/media` })
    t.match(await run(runImport, '--from', back, '--config', again), {
      code: 0,
      text: /media files +3 +3 .*yes/,
    })
  },
)
