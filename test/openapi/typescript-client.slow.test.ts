import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import {
  GenerationFailedError,
  UnderstudyError,
  createUnderstudy,
} from '../../openapi/clients/typescript/src/client.ts'
import type { Understudy } from '../../openapi/clients/typescript/src/client.ts'
import { keys, official, reverse, startGateway } from '../e2e/gateway.ts'
import type { Gateway } from '../e2e/gateway.ts'

const folder = new URL('../../openapi/', import.meta.url)
const quick = { render: { milliseconds: 300 } }

function clientOf(gateway: Gateway): Understudy {
  return createUnderstudy({ baseUrl: `${gateway.address}/`, apiKey: keys.studio })
}

/** What a call that fails ends with. */
function caught(call: Promise<unknown>): Promise<unknown> {
  return call.catch((error: unknown) => error)
}

async function clipOf(gateway: Gateway): Promise<Blob> {
  return (await fetch(`${gateway.simulator.origin}/clips/mossy.mp4?seconds=3&size=320x240`)).blob()
}

t.test('the client’s types are those of the document', async (t) => {
  const made = await readFile(new URL('clients/typescript/schema.sha256', folder), 'utf8')
  const document = await readFile(new URL('openapi.json', folder))
  t.equal(made.trim(), hash('sha256', document), 'else run `npm run clients typescript`')
})

t.test('a character is uploaded, a video is made with it, waited for and downloaded', async (t) => {
  const gateway = await startGateway(t, { live: true, upstreams: [{ ...reverse, ...quick }] })
  const understudy = clientOf(gateway)
  const clip = { start: 0, end: 2 }
  const file = { content: await clipOf(gateway), fileName: 'mossy.mp4' }
  const character = await understudy.uploadCharacter({ name: 'mossy', description: 'a troll', clip }, file)
  t.equal(Math.round(character.clip?.duration ?? 0), 2)
  const { id } = await understudy.generate({ prompt: '@mossy walks', duration: 5 })
  const seen: number[] = []
  const done = await understudy.wait(id, { onProgress: ({ progress }) => seen.push(progress) })
  t.equal(done.status, 'completed')
  t.equal(seen.at(-1), 100)
  const bytes = Buffer.from(await new Response(await understudy.download(id)).arrayBuffer())
  t.equal(bytes.length, done.video?.bytes)
})

t.test('a reference is uploaded with the request, and a repeated key makes nothing twice', async (t) => {
  const gateway = await startGateway(t, { upstreams: [official] })
  const understudy = clientOf(gateway)
  const reference = { content: await clipOf(gateway), fileName: 'a.mp4', influence: 0.5 }
  const asked = { prompt: 'a boat', routing: { fallback: false } }
  const first = await understudy.generate(asked, { reference, idempotencyKey: 'once' })
  const second = await understudy.generate(asked, { reference, idempotencyKey: 'once' })
  t.equal(second.id, first.id)
  await gateway.finished(first.id)
  t.match(gateway.simulator.control.renders(), [{ reference: { kind: 'video' }, influenceStrength: 0.5 }])
})

t.test('what goes wrong is an error with a code: a problem, a fault of a field, a refusal', async (t) => {
  const gateway = await startGateway(t, { upstreams: [reverse] })
  const understudy = clientOf(gateway)
  const missing = await caught(understudy.download('gen_00000000000000000000000000'))
  t.ok(missing instanceof UnderstudyError)
  t.match(missing, { status: 404, code: 'not_found', requestId: /^req_/ })
  const faulty = await caught(understudy.generate({ prompt: '' }))
  t.match(faulty, { status: 400, code: 'validation_failed', faults: [{ pointer: '/prompt' }] })
  const { id } = await understudy.generate({ prompt: 'something forbidden' })
  await gateway.finished(id)
  const refused = await caught(understudy.wait(id))
  t.ok(refused instanceof GenerationFailedError)
  t.match(refused, { code: 'content_refused' })
})
