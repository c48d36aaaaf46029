import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { aClip } from '../fixtures/clips.ts'
import { drip, pour } from './peers.ts'

export const clip = await aClip({ seconds: 2, width: 320, height: 240 })

/** A complete response. */
export function say(socket: Socket, head: string, body: string | Buffer = '', more = ''): void {
  socket.write(`HTTP/1.1 ${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${more}\r\n`)
  socket.end(body)
}

/** The responses of a hostile host, by path. */
export const pages: Record<string, (socket: Socket) => void> = {
  '/clip.mp4': (socket) => say(socket, '200 OK', clip),
  '/page': (socket) => say(socket, '200 OK', '<!doctype html>', 'content-type: video/mp4\r\n'),
  '/empty': (socket) => say(socket, '200 OK'),
  '/204': (socket) => say(socket, '204 No Content'),
  '/206': (socket) => say(socket, '206 Partial Content', clip, 'content-range: bytes 0-9/10\r\n'),
  '/401': (socket) => say(socket, '401 Unauthorized', '', 'www-authenticate: Basic\r\n'),
  '/500': (socket) => say(socket, '500 Oops', clip),
  '/gzip': (socket) =>
    say(socket, '200 OK', gzipSync(Buffer.alloc(10_000_000)), 'content-encoding: gzip\r\n'),
  '/zstd': (socket) => say(socket, '200 OK', clip, 'content-encoding: zstd\r\n'),
  '/twice': (socket) => say(socket, '200 OK', clip, 'content-encoding: identity, br\r\n'),
  '/wide': (socket) => say(socket, '200 OK', clip, `x: ${'y'.repeat(20_000)}\r\n`),
  '/many': (socket) => say(socket, '200 OK', clip, 'x: y\r\n'.repeat(20_000)),
  '/short': (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${clip.length + 1}\r\n\r\n`),
  '/half': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${clip.length}\r\n\r\n`)
    socket.end(clip.subarray(0, clip.length / 2))
  },
  '/long': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${clip.length / 2}\r\n\r\n`)
    socket.end(clip)
  },
  '/claims': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\nftyp'),
  '/negative': (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nx'),
  '/two-lengths': (socket) => say(socket, '200 OK', clip, 'content-length: 1\r\n'),
  '/length-and-chunks': (socket) => say(socket, '200 OK', clip, 'transfer-encoding: chunked\r\n'),
  '/bad-chunks': (socket) =>
    void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nx\r\n'),
  '/endless': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    pour(socket)
  },
  '/endless-chunks': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    pour(socket, Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`))
  },
  '/endless-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    pour(socket, Buffer.from('x: y\r\n'.repeat(1000)))
  },
  '/hints': (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
  '/silent': () => undefined,
  '/drip-headers': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n')
    drip(socket, 'x: y\r\n')
  },
  '/stuck': (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhello'),
  '/reset': (socket) => void socket.resetAndDestroy(),
  '/nonsense': (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
  '/switch': (socket) => say(socket, '101 Switching Protocols', '', 'upgrade: x\r\nconnection: upgrade\r\n'),
  '/loop': (socket) => say(socket, '302 Found', '', 'location: /loop\r\n'),
  '/nowhere': (socket) => say(socket, '302 Found'),
}
