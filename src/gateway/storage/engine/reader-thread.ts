import { Worker } from 'node:worker_threads'

/** Resolves to the single message of a thread that reads the database. The thread is terminated at the time limit. */
export async function askReader(
  module: string,
  request: object,
  { name, limitMs, signal }: { name: string; limitMs: number; signal?: AbortSignal },
): Promise<unknown> {
  signal?.throwIfAborted()
  const worker = new Worker(new URL(module), { workerData: request })
  const outcome = Promise.withResolvers<unknown>()
  const late = setTimeout(() => outcome.reject(new Error(`${name} took too long`)), limitMs)
  const abort = () => outcome.reject(new Error(`${name} was cancelled`))
  signal?.addEventListener('abort', abort, { once: true })
  worker.once('message', (message) => outcome.resolve(message))
  worker.once('error', (error) => outcome.reject(error))
  worker.once('exit', () => outcome.reject(new Error(`${name} ended without a result`)))
  try {
    return await outcome.promise
  } finally {
    clearTimeout(late)
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}
