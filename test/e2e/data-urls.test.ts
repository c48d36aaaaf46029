import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { keys, official, startGateway } from './gateway.ts'

const gateway = await startGateway(t, { upstreams: [official] })
const picture = aPicture(150_001)
const base64 = picture.toString('base64')
const url = `data:image/png;base64,${base64}`

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Digests of all files in the archive, including incomplete ones. */
async function digests(): Promise<string[]> {
  const entries = await readdir(join(gateway.directory, 'media'), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map(async ({ parentPath, name }) => sha256(await readFile(join(parentPath, name)))),
  )
}

/** Sends the text as it is. */
async function send(json: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${gateway.address}/v1/videos`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.studio}`, 'content-type': 'application/json', ...headers },
    body: json,
  })
  const body: any = await answer.json()
  return { status: answer.status, body, replayed: answer.headers.get('idempotent-replayed') }
}

function body(imageUrl: string): string {
  return JSON.stringify({ input_reference: { image_url: imageUrl }, prompt: 'a boat' })
}

t.test('a data URL is the same file in the archive, however its JSON or its form is written', async (t) => {
  const json = body(url)
  const ways: Record<string, () => Promise<{ status: number; body: any }>> = {
    'as it is': () => send(json),
    'slashes escaped, as PHP does': () => send(json.replaceAll('/', String.raw`\/`)),
    'plus signs escaped, as .NET does': () => send(json.replaceAll('+', String.raw`\u002B`)),
    'without padding': () => send(body(url.replaceAll('=', ''))),
  }
  for (const name of ['input_reference', 'input_reference[image_url]']) {
    const form = new FormData()
    form.append(name, url)
    form.append('prompt', 'a boat')
    ways[`in a form, as ${name}`] = () => gateway.call('POST', '/v1/videos', form)
  }
  for (const [way, ask] of Object.entries(ways)) {
    const before = await digests()
    const { status } = await ask()
    t.equal(status, 200, way)
    const after = await digests()
    t.equal(after.length, before.length + 1, way)
    t.equal(after.filter((each) => each === sha256(picture)).length, after.length, `${way}: byte for byte`)
  }
})

t.test(
  'the same body is the same again, in whatever pieces it arrives, and another picture is not',
  async (t) => {
    const once = { 'idempotency-key': 'picture-1' }
    const first = await send(body(url), once)
    const again = await send(body(url), once)
    t.match(again, { status: 200, replayed: 'true', body: { id: first.body.id } })
    const escaped = await send(body(url).replaceAll('/', String.raw`\/`), once)
    t.match(escaped, { replayed: 'true', body: { id: first.body.id } })
    const other = await send(body(`data:image/png;base64,${aPicture(150_001).toString('base64')}`), once)
    t.match(other, { status: 422, replayed: null })
  },
)

t.test('a refused body leaves no file, and says which member is to blame', async (t) => {
  const before = await digests()
  const refused = async (json: string, param: string | null, message: RegExp) => {
    const answer = await send(json)
    t.match(answer, { status: 400, body: { error: { param, message } } }, json.slice(-60))
  }
  const at = 'input_reference.image_url'
  await refused(body(`${url.slice(0, -200)}%%%%`), at, /is not valid base64/)
  await refused(body(`${url}=AAAA`), at, /is not valid base64/)
  await refused(body(`data:image/png;base64,${'A'.repeat(600_000)}`), at, /not/)
  await refused(body(`data:text/plain;base64,${base64}`), at, /base64 data URL of an image/)
  await refused(body(`data:image/png,${base64.slice(0, 700_000)}`), at, /data URL of an image/)
  await refused(
    `{"input_reference":{"image_url":"${url}"},"prompt":"a","colour":1}`,
    'colour',
    /Unknown parameter/,
  )
  await refused(`{"input_reference":{"image_url":"${url}"},"prompt":"a"`, null, /not valid JSON/)
  await refused(`{"input_reference":{"image_url":"${url}`, null, /ends inside a string/)
  await refused(
    `{"input_reference":{"image_url":"${url}","image_url":"${url}"},"prompt":"a"}`,
    at,
    /more than once/,
  )
  const form = new FormData()
  form.append('input_reference[image_url]', `${url.slice(0, -200)}%%%%`)
  form.append('prompt', 'a boat')
  t.match(await gateway.call('POST', '/v1/videos', form), { status: 400, body: { error: { param: at } } })
  const elsewhere = await send(JSON.stringify({ prompt: 'a boat', metadata: { a: url.repeat(6) } }))
  t.match(elsewhere, { status: 413 }, 'elsewhere it is text')
  t.same(await digests(), before)
})

t.test('a body that breaks off leaves no file', async (t) => {
  const before = await gateway.files()
  const json = body(url)
  const socket = connect(Number(new URL(gateway.address).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `POST /v1/videos HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${keys.studio}\r\ncontent-type: application/json\r\ncontent-length: ${json.length}\r\n\r\n${json.slice(0, 100_000)}`,
  )
  while ((await gateway.files()).length === before.length) await pause(5)
  socket.destroy()
  while ((await gateway.files()).length > before.length) await pause(5)
  t.same(await gateway.files(), before)
})
