import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'

interface Limits {
  readonly name: string
  readonly limitMs: number
  readonly signal?: AbortSignal
}

/** By how much these threads are nicer than the event loop. Where it wants the same core, they get a quarter of it. */
const nicer = 5
const nicest = 19

/**
 * Lowers the priority of the calling thread, so that a report of seconds holds up no request on a machine whose cores are all
 * busy. Linux only: priorities belong to threads there, and to the process elsewhere.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')))
    setPriority(thread, Math.min(nicest, getPriority() + nicer))
  } catch {
    // A sandbox may forbid it or hide /proc. The thread then keeps its priority.
  }
}

/** Resolves to the single message of a thread that reads the database. The thread is terminated at the time limit. */
export async function askReader(module: string, request: object, limits: Limits): Promise<unknown> {
  limits.signal?.throwIfAborted()
  const worker = new Worker(new URL(module), { workerData: request })
  try {
    return await nextMessage(worker, limits)
  } finally {
    await worker.terminate()
  }
}

/**
 * A thread that answers one request after another, and is kept for `idleMs` after an answer: to start one takes longer
 * than most requests. After an error or at the time limit it is terminated, and the next request starts another one.
 */
export function keepReader(module: string, { workerData, idleMs }: { workerData: object; idleMs: number }) {
  let kept: Worker | null = null
  let idle: NodeJS.Timeout | undefined

  return async (request: object, limits: Limits): Promise<unknown> => {
    limits.signal?.throwIfAborted()
    clearTimeout(idle)
    const worker = kept ?? start()
    kept = null
    worker.ref()
    const answer = nextMessage(worker, limits)
    worker.postMessage(request, [])
    try {
      const message = await answer
      keep(worker)
      return message
    } catch (error) {
      await worker.terminate()
      throw error
    }
  }

  function start(): Worker {
    const worker = new Worker(new URL(module), { workerData })
    worker.on('exit', () => drop(worker)).on('error', () => drop(worker))
    return worker
  }

  function drop(worker: Worker): void {
    if (kept === worker) kept = null
  }

  function keep(worker: Worker): void {
    kept = worker
    // A kept thread does not keep the process.
    worker.unref()
    idle = setTimeout(() => (drop(worker), void worker.terminate()), idleMs).unref()
  }
}

async function nextMessage(worker: Worker, { name, limitMs, signal }: Limits): Promise<unknown> {
  const outcome = Promise.withResolvers<unknown>()
  const late = setTimeout(() => outcome.reject(new Error(`${name} took too long`)), limitMs)
  const abort = () => outcome.reject(new Error(`${name} was cancelled`))
  const answered = (message: unknown) => outcome.resolve(message)
  const failed = (error: unknown) => outcome.reject(error)
  const ended = () => outcome.reject(new Error(`${name} ended without a result`))
  signal?.addEventListener('abort', abort, { once: true })
  worker.once('message', answered).once('error', failed).once('exit', ended)
  try {
    return await outcome.promise
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', abort)
    worker.off('message', answered).off('error', failed).off('exit', ended)
  }
}
