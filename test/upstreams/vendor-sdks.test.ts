import { readFile } from 'node:fs/promises'
import t from 'tap'
import { z } from 'zod'
import { prompts, sdks } from '../../openapi/clients/vendors/sdks.ts'
import type { VendorSdk } from '../../openapi/clients/vendors/sdks.ts'
import { startVendorStage, vendorKey } from '../../openapi/clients/vendors/stage.ts'
import type { CreateInputs, CreateRequest } from '../../src/gateway/ports/upstream.ts'
import { fileBody } from '../../src/gateway/upstreams/transport/bodies/file-body.ts'
import { jsonPieces } from '../../src/gateway/upstreams/transport/bodies/embedded-files.ts'
import { readAll } from './loopback.ts'
import { mediaSource } from './fixtures.ts'
import { plain, preset } from './preset-fixtures.ts'

/** Creates that vendors' own SDKs have sent to the simulator (`npm run try:vendors -- --record`), against it and the presets. */

const create = z.object({
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.json(),
})
const recording = z.object({ sdk: z.string(), creates: z.record(z.string(), create) })
type Create = z.output<typeof create>

async function recordingOf({ id }: VendorSdk) {
  const file = new URL(`../fixtures/vendor-sdks/${id}.json`, import.meta.url)
  return recording.parse(JSON.parse(await readFile(file, 'utf8')))
}

const media = {
  first: mediaSource(Buffer.from('png'), 'image/png', 'first.png'),
  last: mediaSource(Buffer.from('png'), 'image/png', 'last.png'),
  image: mediaSource(Buffer.from('png'), 'image/png', 'person.png'),
  video: mediaSource(Buffer.from('mp4'), 'video/mp4', 'clip.mp4'),
  audio: mediaSource(Buffer.from('wav'), 'audio/wav', 'voice.wav'),
}
const bytesOf = new Map<string, Buffer>(
  Object.values(media).map(({ fileName }) => [fileName, Buffer.from(fileName.slice(-3))]),
)
const nothing: CreateInputs = {
  firstFrame: null,
  lastFrame: null,
  references: [],
  audio: null,
  seed: null,
  negativePrompt: null,
  resolution: null,
  aspectRatio: null,
  options: {},
}

/** The same orders, as the gateway hears of them. */
const ordered: Record<string, (sdk: VendorSdk) => CreateInputs> = {
  text: ({ sets }) => ({
    ...nothing,
    ...(sets.includes('audio') && { audio: true }),
    ...(sets.includes('seed') && { seed: 7 }),
    ...(sets.includes('negative_prompt') && { negativePrompt: 'people' }),
  }),
  first_frame: () => ({ ...nothing, firstFrame: media.first }),
  frames: () => ({ ...nothing, firstFrame: media.first, lastFrame: media.last }),
  references: ({ references }) => ({
    ...nothing,
    references: references.map((kind, index) => ({
      kind,
      role: 'subject',
      name: null,
      // A second picture is another one.
      media: kind === 'image' && index > 0 ? media.first : media[kind],
    })),
  }),
}

function given({ hasPlainReference }: VendorSdk, inputs: CreateInputs): Partial<CreateRequest> {
  if (hasPlainReference !== true || inputs.firstFrame === null) return { inputs }
  return { reference: { kind: 'image', media: inputs.firstFrame, influence: null } }
}

/** What was said, without members that an SDK sends as null because nobody has set them, and without those of these names. */
function without(value: unknown, names: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((each) => without(each, names))
  if (typeof value !== 'object' || value === null) return value
  const said = Object.entries(value).filter(([name, member]) => member !== null && !names.includes(name))
  return Object.fromEntries(said.map(([name, member]) => [name, without(member, names)]))
}

/** Base64 in the place of the recording's `{base64:…}` and `{base64url:…}`. */
function withMedia(text: string, files: ReadonlyMap<string, Buffer>): string {
  return text.replaceAll(/\{base64(url)?:([^}]+)\}/g, (_whole, url: string | undefined, name: string) => {
    const plain = (files.get(name) ?? Buffer.alloc(0)).toString('base64')
    return url === undefined ? plain : plain.replaceAll('+', '-').replaceAll('/', '_')
  })
}

const stage = await startVendorStage()
t.teardown(() => stage[Symbol.asyncDispose]())

const withKey = (text: string) => text.replace('{key}', vendorKey)

async function replay({ method, path, headers, body }: Create, host: string) {
  const sent = withMedia(JSON.stringify(body).replaceAll('{origin}', stage.origin), stage.media)
  const answer = await fetch(`${host}${withKey(path)}`, {
    method,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, withKey(value)])),
    body: sent,
  })
  await answer.arrayBuffer()
  return answer.status
}

for (const sdk of sdks) {
  t.test(`${sdk.packages[0]}: its recorded creates`, async (t) => {
    const { sdk: version, creates } = await recordingOf(sdk)
    t.equal(version, sdk.packages[0], 'are of the version that is tried')
    const { host } = z.object({ host: z.string() }).parse(JSON.parse(stage.told(sdk)))
    for (const [name, recorded] of Object.entries(creates)) {
      const status = await replay(recorded, host)
      t.equal(status < 300, name !== 'refused', `${name}: ${status} of the simulator`)
    }
    const dialect = preset(sdk.dialect)
    for (const [name, inputs] of Object.entries(ordered)) {
      const recorded = creates[name]
      if (recorded === undefined || sdk.differs?.includes(name) === true) continue
      const { model } = sdk
      const prompt = Object.entries(prompts).find(([each]) => each === name)?.[1] ?? ''
      const order = { ...plain, model, prompt, durationSeconds: sdk.seconds ?? 5, ...given(sdk, inputs(sdk)) }
      const call = dialect.create.encode(order)
      if (!('path' in call) || call.body?.type !== 'json') throw new Error(`${name}: ${JSON.stringify(call)}`)
      t.ok(recorded.path.endsWith(call.path), `${name}: to ${recorded.path}`)
      const text = JSON.stringify(recorded.body).replaceAll('{origin}', 'https://gateway.example')
      const said = JSON.parse(withMedia(text, bytesOf))
      const { stream } = await fileBody(jsonPieces(call.body.value, call.body.files ?? []))
      const sent = JSON.parse(String(await readAll(stream)))
      t.same(without(sent), without(said, sdk.adds), `${name}: the gateway sends the same`)
    }
  })
}

function hostOf(id: string): string {
  const sdk = sdks.find((each) => each.id === id)
  if (sdk === undefined) throw new Error(`no ${id}`)
  return z.object({ host: z.string() }).parse(JSON.parse(stage.told(sdk))).host
}

t.test('what only a running client shows of DashScope', async (t) => {
  const tasks = `${hostOf('dashscope')}/api/v1/tasks`
  const headers = { authorization: `Bearer ${vendorKey}` }
  const asked = async (path: string) => (await fetch(`${tasks}${path}`, { headers })).json()
  const unknown = { output: { task_id: 'unknown', task_status: 'UNKNOWN' } }
  t.match(await asked('/unknown'), unknown, 'an unknown task has its id')
  const first = z.object({ data: z.array(z.object({ task_id: z.string() })) })
  const [one, two] = [await asked('?page_no=1&page_size=1'), await asked('/?page_no=2&page_size=1')]
  const ids = [one, two].flatMap((page) => first.parse(page).data.map(({ task_id: id }) => id))
  t.equal(new Set(ids).size, 2, 'a list in pages, with a slash and without one')
})

t.test('what only a running client shows of Runway', async (t) => {
  const host = hostOf('runway')
  const headers = {
    authorization: `Bearer ${vendorKey}`,
    'x-runway-version': '2024-11-06',
    'content-type': 'application/json',
  }
  const unknown = await fetch(`${host}/v1/tasks/unknown`, { method: 'DELETE', headers })
  t.equal(unknown.status, 404, 'a type without a body is no error')
  const body = { model: 'seedance2', promptText: 'a boat', ratio: '1280:720', duration: 5 }
  const created = await fetch(`${host}/v1/text_to_video`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  t.match(await created.json(), { estimatedCost: { credits: 50 } }, 'five seconds at ten cents')
})
