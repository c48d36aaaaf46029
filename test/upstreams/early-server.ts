import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'

/**
 * A server in a separate thread, so that it can close connections while the client's thread is busy. The query controls
 * it: after `after` bytes it responds with `status` in one `form`, then closes or destroys the connection.
 */
const said = JSON.stringify({ error: { message: 'no', code: 'no' } })
const forms: Record<string, string> = {
  length: `content-length: ${said.length}\r\n\r\n${said}`,
  chunks: `transfer-encoding: chunked\r\n\r\n${said.length.toString(16)}\r\n${said}\r\n0\r\n\r\n`,
  end: `connection: close\r\n\r\n${said}`,
}

const server = createServer((socket) => {
  let read = 0
  let begin = ''
  socket.on('error', () => undefined)
  socket.on('data', function onData(chunk: Buffer) {
    read += chunk.length
    if (begin.length < 300) begin += chunk.toString('latin1')
    const query = new URLSearchParams(/\?(\S+) HTTP/.exec(begin)?.[1] ?? '')
    if (read < Number(query.get('after'))) return
    socket.off('data', onData)
    socket.pause()
    answer(socket, query)
  })
})

function answer(socket: Socket, query: URLSearchParams): void {
  const head = `HTTP/1.1 ${query.get('status')} No\r\ncontent-type: application/json\r\n`
  const text = head + (forms[query.get('form') ?? ''] ?? '')
  if (query.get('ends') === 'closes') socket.end(text)
  else socket.write(text, () => socket.destroy())
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, no window
  if (typeof address === 'object') parentPort?.postMessage(address?.port)
})
