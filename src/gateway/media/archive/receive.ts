import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { PutOutcome, PutRules } from '../../ports/media/media-archive.ts'
import { SlowTransfer } from '../../ports/media/remote-media.ts'
import type { Disk } from '../disk.ts'

export type Refused = Exclude<PutOutcome, { type: 'stored' }>
export type Received = { type: 'received'; bytes: number; sha256: string } | Refused

/** Writes a body to a new file, within `rules`, and syncs it. Throws errors of the disk; a failing source is `interrupted`. */
export async function receive(
  disk: Disk,
  file: string,
  body: AsyncIterable<Uint8Array>,
  rules: PutRules,
): Promise<Received> {
  const hash = createHash('sha256')
  // First: a source that was begun and is never read would hold its connection.
  const handle = await disk.open(file, 'wx').catch((error: unknown) => {
    // What was asked for and is not read holds its connection too.
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

/** Size and digest of a file that is already on the disk. */
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

/** A body that can be given up while it is silent, which `for await` cannot. */
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

/** Not awaited: a silent source never answers, and its errors come too late to matter. */
function letGo(iterator: AsyncIterator<Uint8Array>): void {
  void iterator.return?.().then(undefined, () => undefined)
}
