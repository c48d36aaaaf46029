import { connect } from 'node:net'

const bufferBytes = 1024 * 1024

interface Asked {
  /** `http://host:port` */
  address: string
  path: string
  headers: Record<string, string>
}

/**
 * Downloads `path` again and again over `connections` connections for `seconds`, and discards what comes: one buffer for each
 * connection. Throws unless every answer is a 200 with a Content-Length. The bytes of bodies that came.
 */
export async function download(asked: Asked, connections: number, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  const bytes = await Promise.all(Array.from({ length: connections }, () => downloadOne(asked, until)))
  return bytes.reduce((sum, each) => sum + each, 0)
}

/** Ends in the midst of a body once the time is over. */
function downloadOne({ address, path, headers }: Asked, until: number): Promise<number> {
  const { hostname, port, host } = new URL(address)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
  return new Promise((resolve, reject) => {
    let bytes = 0
    let left = 0
    let head = ''

    /** Whether another answer is wanted. */
    function take(piece: Buffer): void {
      let rest = piece
      if (left === 0) {
        head += rest.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end === -1) return
        const [, length] =
          /^HTTP\/1\.1 200 [^]*\r\ncontent-length: (\d+)\r\n/i.exec(head.slice(0, end + 2)) ?? []
        if (length === undefined) throw new Error(`a download was answered with ${head.slice(0, 100)}`)
        left = Number(length)
        rest = rest.subarray(rest.length - (head.length - end - 4))
        head = ''
      }
      bytes += rest.length
      left -= rest.length
      if (left === 0) socket.write(request)
    }

    const buffer = Buffer.allocUnsafeSlow(bufferBytes)
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer,
        callback(length) {
          try {
            take(buffer.subarray(0, length))
          } catch (error) {
            socket.destroy()
            reject(error)
            return false
          }
          if (performance.now() < until) return true
          socket.destroy()
          resolve(bytes)
          return false
        },
      },
    })
    socket.on('connect', () => socket.write(request))
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('a download ended too early')))
  })
}
