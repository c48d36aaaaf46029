import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as z from 'zod'
import { probes } from './samples.ts'
import type { Sample } from './samples.ts'

const ready = z.object({ type: z.literal('ready'), baseUrl: z.string() })
const told = z.object({
  type: z.literal('samples'),
  samples: z.array(
    z.object({ probe: z.enum(probes), at: z.number(), ms: z.number(), error: z.string().nullable() }),
  ),
  lagMs: z.object({ p99: z.number(), max: z.number() }),
})
const settled = z.object({ type: z.literal('settled'), wrong: z.array(z.string()), accepted: z.number() })

export interface Prober {
  /** Of the healthy vendor. */
  baseUrl: string
  begin(): void
  end(): Promise<{ samples: Sample[]; lagMs: { p99: number; max: number } }>
  /** What is wrong with its generations. */
  settle(): Promise<{ wrong: string[]; accepted: number }>
  close(): Promise<void>
}

const mostMs = 120_000

export async function startProber(address: string, key: string): Promise<Prober> {
  const worker = new Worker(new URL('./prober-thread.ts', import.meta.url), { workerData: { address, key } })
  const next = async (): Promise<unknown> => {
    const [message]: unknown[] = await once(worker, 'message', { signal: AbortSignal.timeout(mostMs) })
    return message
  }
  const { baseUrl } = ready.parse(await next())
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's messages have one
  const tell = (word: string): void => worker.postMessage(word)
  const ask = async (word: string): Promise<unknown> => {
    const answer = next()
    tell(word)
    return answer
  }
  return {
    baseUrl,
    begin: () => tell('begin'),
    end: async () => told.parse(await ask('end')),
    settle: async () => settled.parse(await ask('settle')),
    async close() {
      await worker.terminate()
    },
  }
}
