import cluster from 'node:cluster'
import type { Worker as Process } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { openDatabase } from '../../src/gateway/storage/engine/database.ts'
import { createGenerationStore } from '../../src/gateway/storage/generations/generation-store.ts'
import type { GatewaySetup } from '../served.ts'
import { fileOf, startDividedGateway } from './divided-gateway.ts'
import { createAnsweringSide, createAskingSide } from './insert-channel.ts'

/** What the kernel calls the thread that writes. */
export const writerThread = 'writer'

/** HTTP in this thread, and the writer of the file in another. */
export async function startWithThread(setup: GatewaySetup): Promise<string> {
  const writer = new Worker(new URL('writer-thread.ts', import.meta.url), {
    name: writerThread,
    workerData: fileOf(setup),
  })
  await once(writer, 'message')
  const { insert, hear } = createAskingSide((text) => writer.postMessage(text, []))
  writer.on('message', (text) => hear(z.string().parse(text)))
  return startDividedGateway(setup, { name: 'http', insert })
}

const Address = z.object({ address: z.string(), port: z.number() })

/** The writer of the file in this process, and HTTP in others that share its port. */
export async function startWithProcesses(setup: GatewaySetup, processes: number): Promise<string> {
  const store = createGenerationStore(await openDatabase({ file: fileOf(setup) }))
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('http-process.ts', import.meta.url)),
    serialization: 'advanced',
  })
  const names = Array.from({ length: processes }, (_, at) => `http-${at + 1}`)
  const [address = ''] = await Promise.all(
    names.map((name) => {
      const process = cluster.fork()
      const answer = createAnsweringSide(store, (text) => void process.send(text))
      process.on('message', (text) => answer(z.string().parse(text)))
      return listening(process, JSON.stringify({ setup, name }))
    }),
  )
  return address
}

async function listening(process: Process, told: string): Promise<string> {
  await once(process, 'online')
  process.send(told)
  const [at] = await once(process, 'listening')
  const { address, port } = Address.parse(at)
  return `http://${address}:${port}`
}
