import { outlineOf } from './outline.ts'
import { apiKey } from './subject.ts'
import type { Profile, Subject } from './subject.ts'

type Body = FormData | string | undefined

/** What was asked, with an outline of what was answered. */
export async function wireOf(profile: Profile, subject: Subject): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  const ask = async (what: string, method: string, path: string, body?: Body, key = apiKey) => {
    const response = await fetch(`${subject.base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    answers.set(what, `${response.status} ${outlineOf(text)}`)
    return text
  }
  await (profile === 'sglang' ? askSglang(ask, subject) : askVllmOmni(ask, subject))
  return answers
}

type Ask = (what: string, method: string, path: string, body?: Body, key?: string) => Promise<string>

const idOf = (text: string) => /"id":"([^"]+)"/.exec(text)?.[1] ?? 'none'

function form(fields: Record<string, string>): FormData {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  return body
}

/** A create with files beside its fields. */
function upload(files: Record<string, Blob>): FormData {
  const body = form({ prompt: 'a boat', size: '1000x998', seconds: '4' })
  for (const [name, file] of Object.entries(files)) body.set(name, file, 'reference.png')
  return body
}

/** 32 x 32 pixels. */
const redPng =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKElEQVR4nO3NsQ0AAAzCMP5/un0CNkuZ41wybXsHAAAAAAAAAAAAxR4yw/wuPL6QkAAAAABJRU5ErkJggg=='

/** References in a form, as the gateway sends them and as it does not. */
async function askUploads(ask: Ask): Promise<void> {
  const picture = new Blob([Buffer.from(redPng, 'base64')], { type: 'image/png' })
  await ask('an uploaded picture', 'POST', '/videos', upload({ input_reference: picture }))
  const words = form({ prompt: 'a boat', size: '1000x998', seconds: '4', input_reference: 'a.png' })
  await ask('words for an uploaded picture', 'POST', '/videos', words)
}

async function askSglang(ask: Ask, subject: Subject): Promise<void> {
  const create = async (what: string, fields: object) =>
    idOf(await ask(what, 'POST', '/videos', JSON.stringify(fields)))
  const odd = { prompt: 'a boat', model: 'another', seconds: 6, size: '1000x998' }
  const id = await create('a create of any model and size', odd)
  const breaking = await create('a create that will fail', odd)
  await subject.end(breaking, 'breaks')
  await ask('the content of a job that runs', 'GET', `/videos/${id}/content`)
  await subject.end(id, 'completes')
  await askEnded(ask, id, breaking)
  await ask('a variant by name', 'GET', `/videos/${id}/content?variant=video`)
  await ask('seconds in words in a form', 'POST', '/videos', form({ prompt: 'a boat', seconds: 'four' }))
  await askUploads(ask)
  await ask('another key', 'GET', `/videos/${id}`, undefined, 'another')
  await ask('a delete', 'DELETE', `/videos/${id}`)
  await ask('a deleted job', 'GET', `/videos/${id}`)
}

async function askVllmOmni(ask: Ask, subject: Subject): Promise<void> {
  const boat = { prompt: 'a boat', seconds: '6', size: '1000x998' }
  const create = async (what: string, fields: Record<string, string>) =>
    idOf(await ask(what, 'POST', '/videos', form({ ...boat, ...fields })))
  const id = await create('a create', { model: 'wan' })
  const breaking = await create('a create that will fail', {})
  await subject.end(breaking, 'breaks')
  const refused = await create('a create that its engine will refuse', {})
  await subject.end(refused, 'refuses')
  const running = await create('a create to be stopped', {})
  await ask('a job that runs', 'GET', `/videos/${running}`)
  await ask('the content of a job that runs', 'GET', `/videos/${running}/content`)
  await ask('a delete of a job that runs', 'DELETE', `/videos/${running}`)
  await ask('a job that was stopped', 'GET', `/videos/${running}`)
  await subject.end(id, 'completes')
  await askEnded(ask, id, breaking)
  await ask('a job that its engine has refused', 'GET', `/videos/${refused}`)
  await ask('a variant, which it does not know', 'GET', `/videos/${id}/content?variant=gif`)
  await ask('an order that there is not', 'GET', '/videos?order=up')
  await ask('a list after an unknown job', 'GET', '/videos?after=nope')
  await create('another model', { model: 'another' })
  await create('a size in words', { size: 'big' })
  await create('a size of nothing', { size: '0x0' })
  await create('seconds in words', { seconds: 'four' })
  await create('half seconds', { seconds: '4.5' })
  await create('a reference that is no object', { image_reference: 'a.png' })
  await askUploads(ask)
  await ask('no prompt', 'POST', '/videos', form({ seconds: '4' }))
  await ask('JSON', 'POST', '/videos', JSON.stringify(boat))
  await ask('another key', 'GET', `/videos/${id}`, undefined, 'another')
  await ask('an unknown path', 'GET', '/nothing')
  await ask('a delete of a finished job', 'DELETE', `/videos/${id}`)
  await ask('a delete of a failed job', 'DELETE', `/videos/${breaking}`)
  await ask('a delete of an unknown job', 'DELETE', '/videos/nope')
}

async function askEnded(ask: Ask, id: string, failed: string): Promise<void> {
  await ask('a finished job', 'GET', `/videos/${id}`)
  await ask('the content of a finished job', 'GET', `/videos/${id}/content`)
  await ask('a failed job', 'GET', `/videos/${failed}`)
  await ask('the content of a failed job', 'GET', `/videos/${failed}/content`)
  await ask('the list', 'GET', '/videos?limit=1')
  await ask('a limit above 100', 'GET', '/videos?limit=101')
  await ask('an unknown job', 'GET', '/videos/nope')
  await ask('the content of an unknown job', 'GET', '/videos/nope/content')
}
