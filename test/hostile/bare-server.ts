import { createServer } from 'node:http'

/** A server that does nothing but answer: how late the machine lets anybody answer. Run as a process of its own. */
const server = createServer((_, response) => response.end('{}'))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port.')
  process.stdout.write(`http://127.0.0.1:${address.port}\n`)
})
