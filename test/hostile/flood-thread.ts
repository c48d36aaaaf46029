/** Sends one request on many connections at once, in a separate thread, so that its cost does not count as the gateway's. */
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { answersOf, open } from './real-gateway.ts'

const { port, connections, request } = z
  .object({ port: z.number(), connections: z.number(), request: z.instanceof(Uint8Array) })
  .parse(workerData)
const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)))
const answers = sockets.map((socket) => {
  socket.write(request)
  return answersOf(socket)
})
parentPort?.postMessage(await Promise.all(answers), [])
