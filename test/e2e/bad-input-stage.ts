import t from 'tap'
import type { Test } from 'tap'
import { form } from '../http/forms.ts'
import type { Part } from '../http/forms.ts'
import { keys, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

export const gateway = await startGateway(t)

export const { origin, control } = gateway.simulator

export const own = { authorization: `Bearer ${keys.studio}` }

export const other = { authorization: `Bearer ${keys.other}` }

export const clip = { seconds: 2, width: 320, height: 240 }

interface Case {
  what: string
  path: string
  headers?: Record<string, string>
  body: string | Uint8Array<ArrayBuffer>
  status: number
  code: string
  pointer: string | null
}

export function json(path: string, body: unknown): Pick<Case, 'path' | 'headers' | 'body'> {
  return { path, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

export function generate(change: object): Pick<Case, 'path' | 'headers' | 'body'> {
  return json('/generate', { prompt: 'a lighthouse', ...change })
}

export function character(change: object): Pick<Case, 'path' | 'headers' | 'body'> {
  return json('/characters', { name: 'girl', ...change })
}

export function multipart(path: string, parts: Part[], end?: string) {
  const { headers, payload } = form(parts, end)
  return { path, headers, body: new Uint8Array(payload) }
}

export function invalid(pointer: string): Pick<Case, 'status' | 'code' | 'pointer'> {
  return { status: 400, code: 'validation_failed', pointer }
}

export function upload(value: Buffer): Omit<Part, 'name'> {
  return { filename: 'a.mp4', type: 'video/mp4', value }
}

export async function send({
  path,
  headers,
  body,
}: Pick<Case, 'path' | 'headers' | 'body'>): Promise<Answer> {
  const url = `${gateway.address}${path}`
  const response = await fetch(url, { method: 'POST', headers: { ...own, ...headers }, body })
  return { status: response.status, headers: response.headers, body: await response.json() }
}

export function isProblem(
  t: Test,
  answer: Answer,
  { what, status, code, pointer }: Omit<Case, 'path' | 'body'>,
) {
  const type = answer.headers.get('content-type')
  t.match(
    { type, ...answer.body, answered: answer.status },
    {
      type: `/problems/${code}`,
      answered: status,
      status,
      code,
      title: String,
      detail: String,
      request_id: answer.headers.get('x-request-id'),
    },
    what,
  )
  t.equal(type, 'application/problem+json', `${what}: content type`)
  const pointers = (answer.body.errors ?? []).map((fault: { pointer: string }) => fault.pointer)
  t.same(pointers, pointer === null ? [] : [pointer], `${what}: pointer`)
}

export async function isUntouched(t: Test, files: string[] = []): Promise<void> {
  for (const headers of [{}, other]) {
    t.same((await gateway.call('GET', '/generations', undefined, headers)).body.data, [])
    t.same((await gateway.call('GET', '/characters', undefined, headers)).body.data, [])
  }
  t.same(await gateway.files(), files)
  t.same(control.renders(), [])
}

export async function isServing(t: Test): Promise<void> {
  const generation = await gateway.generate({ prompt: 'a lighthouse', duration: 5 })
  t.equal(generation.status, 'completed')
  const { status } = await gateway.call('DELETE', `/generations/${generation.id}`)
  t.equal(status, 204)
  control.reset()
}

export async function areRefused(t: Test, cases: Case[]): Promise<void> {
  for (const each of cases) isProblem(t, await send(each), each)
  await isUntouched(t)
  await isServing(t)
}
