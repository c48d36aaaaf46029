import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createRandom } from '../chaos/random.ts'
import type { Random } from '../chaos/random.ts'
import type { Client } from '../chaos/client.ts'

/** Hostile or broken clients. They need no response, and must not affect others. */
export interface Strangers {
  counts: Map<string, number>
  done: Promise<void>
}

const longestMs = 8000
const mostOpen = 60
/** Requests, sent whole or in part. */
const shapes: Record<string, (random: Random) => string> = {
  'a request': () => 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'no request': (random) => 'SSH-2.0-OpenSSH_9.9\r\n'.repeat(random.int(1, 3)),
  'a TLS greeting': () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  'HTTP/2 at once': () =>
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000',
  CONNECT: () => 'CONNECT example.invalid:443 HTTP/1.1\r\nhost: example.invalid:443\r\n\r\n',
  'an upgrade': () =>
    'GET /events HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AA==\r\nsec-websocket-version: 13\r\n\r\n',
  'many at once': (random) => 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(random.int(10, 300)),
  'pages at once': (random) => 'GET /docs HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(random.int(10, 300)),
  'one byte too many': () =>
    'POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}x',
  'a body that never comes': () =>
    'POST /generate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{',
  'waits for 100': () =>
    'POST /generate HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 1000\r\n\r\n',
  'bad chunks': () => 'POST /generate HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nx\r\n',
  'two lengths': () =>
    'POST /generate HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
  'endless headers': (random) => `GET / HTTP/1.1\r\nhost: x\r\n${'x: y\r\n'.repeat(random.int(100, 5000))}`,
  'HTTP/1.0 in chunks': () =>
    'POST /generate HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
  'no host': () => 'GET /health/live HTTP/1.1\r\n\r\n',
  'bytes of any kind': (random) =>
    Array.from({ length: random.int(1, 300) }, () => String.fromCharCode(random.int(0, 255))).join(''),
}
const endings = ['reset', 'half-close', 'close', 'hold', 'hold unread'] as const

export function sendStrangers(
  {
    address,
    client,
    key,
    reader,
  }: {
    address: string
    client: Client
    /** Of a tenant of its own. */
    key: string
    /** The client that stops reading a video, and which video. */
    reader: { key: string; newest: () => string | undefined }
  },
  { seed, perSecond }: { seed: number; perSecond: number },
  signal: AbortSignal,
): Strangers {
  const counts = new Map<string, number>()
  const open = new Set<Socket>()
  const { hostname, port } = new URL(address)
  const note = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

  function dial(text: string, ending: (typeof endings)[number], holdMs: number): void {
    if (open.size >= mostOpen) return
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
    open.add(socket)
    const timer = setTimeout(() => socket.resetAndDestroy(), ending.startsWith('hold') ? holdMs : longestMs)
    socket
      .on('error', () => undefined)
      .once('close', () => {
        clearTimeout(timer)
        open.delete(socket)
      })
    if (ending === 'hold unread') socket.pause()
    else socket.on('end', () => socket.end()).resume()
    socket.write(text, 'latin1', () => {
      if (ending === 'reset') socket.resetAndDestroy()
      else if (ending === 'half-close') socket.end()
      else if (ending === 'close') socket.destroy()
    })
  }
  const read = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${reader.key}\r\n\r\n`

  async function knock(): Promise<void> {
    const random = createRandom(seed, 'strangers')
    while (!signal.aborted) {
      const name = random.pick(Object.keys(shapes))
      const text = shapes[name]!(random)
      const cut = random.chance(0.4) ? random.int(0, text.length) : text.length
      dial(text.slice(0, cut), random.pick(endings), random.int(100, longestMs))
      note(name)
      await pause((1000 / perSecond) * 2 * random.next())
    }
  }
  /** Requests a video or events, and reads nothing. */
  async function sleep(): Promise<void> {
    const random = createRandom(seed, 'sleepers')
    while (!signal.aborted) {
      const id = reader.newest()
      const [name, path] = random.pick([
        ['reads no video', `/generations/${id}/video`],
        ['reads no events', `/generations/${id}/events`],
        ['reads no lists', '/generations?limit=100'],
      ] as const)
      const times = random.int(1, 40)
      if (id !== undefined) {
        dial(read(path).repeat(times), 'hold unread', random.int(1000, longestMs * 2))
        note(name)
      }
      await pause(random.int(100, 1500))
    }
  }
  /** Uses names that do not exist, in every field that accepts a URL. */
  async function misname(): Promise<void> {
    const random = createRandom(seed, 'names')
    while (!signal.aborted) {
      const url = `http://nobody-${random.int(1, 1e6)}.invalid/x.mp4`
      const prompt = `a name that nobody has tk${random.int(1e8, 1e9)}`
      const scene = { prompt, model: 'probe', duration: 4 }
      const body = random.pick([
        { ...scene, webhook_url: url },
        { ...scene, reference: { video_url: url } },
        { ...scene, reference: { image_url: url } },
      ])
      await client.call({ key, method: 'POST', path: '/generate', body })
      note('names that nobody has')
      await pause(random.int(200, 1500))
    }
  }
  async function allOfThem(): Promise<void> {
    await Promise.all([knock(), sleep(), misname()])
    for (const socket of open) socket.destroy()
  }
  return { counts, done: allOfThem() }
}
