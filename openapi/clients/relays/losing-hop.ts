import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

export interface LosingHop extends AsyncDisposable {
  address: string
  /** The next answer is cut off before its first byte, after the request went through. */
  loseNext(): void
}

/** A hop in front of a server that can lose an answer: what a client sees when a connection breaks at the wrong moment. */
export async function startLosingHop(targetPort: number): Promise<LosingHop> {
  const open = new Set<Socket>()
  let losing = false
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1')
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.on('data', (chunk) => {
      if (!losing) return void near.write(chunk)
      losing = false
      near.resetAndDestroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return {
    address: `http://127.0.0.1:${address.port}`,
    loseNext: () => {
      losing = true
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
