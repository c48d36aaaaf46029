import type { Test } from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { aSound } from '../fixtures/sounds.ts'
import { startHttp } from '../upstreams/loopback.ts'

const files = new Map<string, [type: string, bytes: Buffer]>([
  ['/first.png', ['image/png', aPicture(100)]],
  ['/last.png', ['image/png', aPicture(101)]],
  ['/woman.png', ['image/png', aPicture(102)]],
  ['/voice.wav', ['audio/wav', aSound(1)]],
])

/** A caller's server with pictures and audio for requests. */
export async function serveCallerFiles(t: Test) {
  const server = await startHttp(t, (request, response) => {
    const [type, bytes] = files.get(request.url) ?? ['text/plain', Buffer.from('nothing')]
    response.writeHead(files.has(request.url) ? 200 : 404, { 'content-type': type }).end(bytes)
  })
  return {
    at: (path: string) => `http://127.0.0.1:${server.port}${path}`,
    bytesOf: (path: string) => files.get(path)?.[1].length,
  }
}
