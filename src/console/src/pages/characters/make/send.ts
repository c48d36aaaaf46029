import type { Schemas } from '../../../api/client.ts'
import { ApiProblem, problemOf } from '../../../api/problem.ts'
import { expireSession } from '../../../session/session.ts'
import type { NewCharacter } from './source.ts'

export interface Sending {
  signal: AbortSignal
  /** Bytes sent, and bytes in all. */
  onProgress: (done: number, all: number) => void
}

/** A form, since it takes files and says how far they are; `fetch` does not. */
function formOf({ source, span, name, description, voice }: NewCharacter): FormData {
  const form = new FormData()
  form.set('name', name)
  form.set('description', description)
  if (span !== null) {
    form.set('clip_start', String(span.start))
    form.set('clip_end', String(span.end))
  }
  if (source.type === 'url') form.set('video_url', source.url)
  if (source.type === 'generation') form.set('generation_id', source.id)
  if (source.type === 'file') form.set('video', source.file, source.file.name)
  if (voice !== null) form.set('voice', voice, voice.name)
  return form
}

/**
 * Makes a character, once. Aborting stops it; the gateway keeps nothing of an upload that did not end.
 * @throws {ApiProblem} with the words of the gateway
 */
export function sendCharacter(made: NewCharacter, sending: Sending): Promise<Schemas['Character']['id']> {
  const { signal, onProgress } = sending
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest()
    const stop = () => call.abort()
    signal.addEventListener('abort', stop, { once: true })
    call.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total))
    call.addEventListener('loadend', () => signal.removeEventListener('abort', stop))
    call.addEventListener('abort', () => reject(new DOMException('Stopped.', 'AbortError')))
    call.addEventListener('error', () =>
      reject(new ApiProblem('The gateway does not answer. Check the network, then try again.', {})),
    )
    call.addEventListener('load', () => {
      idOf(call).then(resolve, reject)
    })
    call.open('POST', '/characters')
    call.send(formOf(made))
  })
}

async function idOf(call: XMLHttpRequest): Promise<string> {
  const { status, responseText } = call
  if (status !== 201) {
    const requestId = call.getResponseHeader('x-request-id')
    const headers = requestId === null ? {} : { 'x-request-id': requestId }
    if (status === 401) expireSession()
    throw await problemOf(new Response(responseText, { status: status === 0 ? 500 : status, headers }))
  }
  const location = call.getResponseHeader('location')
  const id = location?.split('/').at(-1)
  if (id === undefined) throw new ApiProblem('The answer names no character.', { status, code: 'unreadable' })
  return id
}
