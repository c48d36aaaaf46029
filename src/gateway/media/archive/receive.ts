import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { PutOutcome, PutRules } from '../../ports/media/media-archive.ts'
import { SlowTransfer } from '../../ports/media/remote-media.ts'
import type { Disk } from '../disk.ts'

export type Refused = Exclude<PutOutcome, { type: 'stored' }>
export type Received = { type: 'received'; bytes: number; sha256: string } | Refused

/** Writes a body to a new file, within `rules`, and syncs it. Throws disk errors; a failing source is `interrupted`. */
export async function receive(
  disk: Disk,
  file: string,
  body: AsyncIterable<Uint8Array>,
  rules: PutRules,
): Promise<Received> {
  const hash = createHash('sha256')
  // Opened before the body is read: a body that was started and not finished would hold its connection.
  const handle = await disk.open(file, 'wx').catch((error: unknown) => {
    // An unread body holds its connection too.
    letGo(body[Symbol.asyncIterator]())
    throw error
  })
  const source = pull(body, rules.signal)
  let bytes = 0
  try {
    for (;;) {
      const step = await source.next()
      if (step.type === 'failed') return interrupted(step.message)
      if (step.type === 'end') break
      bytes += step.chunk.byteLength
      const excess = tooMuch(bytes, rules)
      if (excess !== null) return excess
      hash.update(step.chunk)
      await handle.writeFile(step.chunk)
    }
    if (rules.expectedBytes !== null && bytes < rules.expectedBytes) {
      return { type: 'truncated', message: `The file ended after ${bytes} of ${rules.expectedBytes} bytes.` }
    }
    await handle.sync()
    return { type: 'received', bytes, sha256: hash.digest('hex') }
  } finally {
    source.end()
    await handle.close()
  }
}

/** The size and digest of a file on the disk. */
export async function hashFile(file: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file)) {
    if (!(chunk instanceof Uint8Array)) throw new Error('A file was read as text.')
    bytes += chunk.byteLength
    hash.update(chunk)
  }
  return { bytes, sha256: hash.digest('hex') }
}

export function interrupted(message: string): Refused {
  return { type: 'interrupted', message }
}

function tooMuch(bytes: number, rules: PutRules): Refused | null {
  const { maxBytes, expectedBytes } = rules
  if (bytes > maxBytes || (expectedBytes !== null && expectedBytes > maxBytes)) {
    return { type: 'too_large', message: `The file has more than the ${maxBytes} bytes allowed.` }
  }
  if (expectedBytes !== null && bytes > expectedBytes) {
    return { type: 'truncated', message: `The file has more than the ${expectedBytes} bytes promised.` }
  }
  return null
}

type Step = { type: 'chunk'; chunk: Uint8Array } | { type: 'end' } | { type: 'failed'; message: string }

/** Reads a body so that it can be aborted while no data arrives, which `for await` cannot. */
function pull(body: AsyncIterable<Uint8Array>, signal: AbortSignal): { next(): Promise<Step>; end(): void } {
  const iterator = body[Symbol.asyncIterator]()
  let endStep: ((step: Step) => void) | null = null
  const abort = (): void => endStep?.({ type: 'failed', message: 'The transfer was cancelled.' })
  signal.addEventListener('abort', abort, { once: true })

  async function read(): Promise<Step> {
    try {
      const step = await iterator.next()
      return step.done === true ? { type: 'end' } : { type: 'chunk', chunk: step.value }
    } catch (error) {
      const message = error instanceof SlowTransfer ? error.message : 'The transfer was interrupted.'
      return { type: 'failed', message }
    }
  }

  return {
    next() {
      const { promise, resolve } = Promise.withResolvers<Step>()
      endStep = resolve
      if (signal.aborted) abort()
      else void read().then(resolve)
      return promise
    },
    end() {
      signal.removeEventListener('abort', abort)
      letGo(iterator)
    },
  }
}

/** Not awaited: a stalled source never settles, and its errors do not matter any more. */
function letGo(iterator: AsyncIterator<Uint8Array>): void {
  void iterator.return?.().then(undefined, () => undefined)
}
