import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { aClip } from '../../test/fixtures/clips.ts'

export interface InstantVendor extends AsyncDisposable {
  baseUrl: string
  /** How many creates it has taken so far. */
  creates(): number
}

const clipShape = { seconds: 1, width: 64, height: 64 }

/** A reseller whose jobs are finished by the first poll. All of them are the same small video. It does as little as it can. */
export async function startInstantVendor(): Promise<InstantVendor> {
  const clip = await aClip(clipShape)
  let jobs = 0
  let address = ''

  function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    if (url.startsWith('/video/')) {
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': clip.length }).end(clip)
      return
    }
    const id = method === 'POST' ? `task-${++jobs}` : url.slice(url.lastIndexOf('/') + 1)
    const text =
      method === 'POST'
        ? JSON.stringify({ task_id: id })
        : JSON.stringify({ status: 'completed', progress: 100, video_url: `${address}/video/${id}` })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
  }

  const server = createServer((request, response) => {
    // Answered once all of it has come, as vendors do.
    request.resume().once('end', () => answer(request, response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const listening = server.address()
  if (listening === null || typeof listening === 'string') throw new Error('the vendor has no port')
  address = `http://127.0.0.1:${listening.port}`
  return {
    baseUrl: `${address}/v1`,
    creates: () => jobs,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
