import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { nodeOptions } from './built.ts'
import type { Served } from './served.ts'

const script = fileURLToPath(new URL('serve.ts', import.meta.url))
/** A quarter of a minute is seen where other work has priority. */
const startMs = 60_000
const answerMs = 10_000

/** What is measured runs in a process of its own, so that it has a heap and an event loop to itself. */
export interface Child extends AsyncDisposable {
  address: string
  pid: number
  /** CPU time that the process has used so far, in microseconds, its helper threads included. */
  cpuMicros(): Promise<number>
  /** How many creates an upstream has taken so far. */
  creates(): Promise<number>
  /** When each answer was given to the kernel, by the `x-request-id` of its request: nanoseconds of the monotonic clock. */
  sent(): Promise<Map<string, bigint>>
  /** Ends it with SIGKILL: what it acknowledged is in its files now, or it was not durable. */
  kill(): Promise<void>
}

const Address = z.object({ address: z.string() })
const Cpu = z.object({ cpuMicros: z.number() })
const Creates = z.object({ creates: z.number() })
const Sent = z.object({ sent: z.record(z.string(), z.string()) })

/** `run`: the program and arguments that run such a command, where it is not run as it is. */
export async function startChild(
  served: Served,
  run = (command: string, args: string[]): [string, string[]] => [command, args],
): Promise<Child> {
  // Log lines go to the null device: they are written, and nobody reads them.
  const options = served.type === 'durable' || served.type === 'storeless' ? nodeOptions : []
  const child = spawn(...run(process.execPath, [...options, script, JSON.stringify(served)]), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  // Before folders are removed at the exit of this process: it would go on writing to them.
  const end = () => void child.kill('SIGKILL')
  process.prependOnceListener('exit', end)
  child.once('exit', () => process.off('exit', end))
  const ask = async (question: string): Promise<unknown> => {
    child.send(question)
    return hear(child, answerMs)
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const { address } = Address.parse(await hear(child, startMs))
  return {
    address,
    pid: child.pid ?? 0,
    cpuMicros: async () => Cpu.parse(await ask('cpu')).cpuMicros,
    creates: async () => Creates.parse(await ask('creates')).creates,
    async sent() {
      const { sent } = Sent.parse(await ask('sent'))
      return new Map(Object.entries(sent).map(([request, at]) => [request, BigInt(at)]))
    },
    kill,
    [Symbol.asyncDispose]: kill,
  }
}

async function hear(child: ChildProcess, ms: number): Promise<unknown> {
  const ended = new AbortController()
  const end = () => ended.abort()
  child.once('exit', end)
  try {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(ms)])
    const [message] = await once(child, 'message', { signal })
    return message
  } catch (error) {
    throw new Error(ended.signal.aborted ? 'a measured process ended' : 'a measured process is silent', {
      cause: error,
    })
  } finally {
    child.off('exit', end)
  }
}
