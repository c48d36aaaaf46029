import { renderClip } from './clip.ts'
import type { ClipOptions } from './clip.ts'
import { SimulatorError } from '../simulator-error.ts'

/** Rendered clips by their parameters. Made on first use, one at a time; the most recent ones are kept. */
export interface ClipStore {
  /** @throws SimulatorError `too_many_encodes` when too many different clips are pending */
  get(options: ClipOptions): Promise<Buffer>
}

export function createClipStore({
  render = renderClip,
  maxBytes = 64 * 1024 * 1024,
  maxWaiting = 256,
}: {
  render?: (options: ClipOptions) => Promise<Buffer>
  /** The cache size. The least recently used clip is removed first. */
  maxBytes?: number
  /** How many different clips may be pending, including the one being encoded. */
  maxWaiting?: number
} = {}): ClipStore {
  const kept = new Map<string, Buffer>()
  const coming = new Map<string, Promise<Buffer>>()
  let keptBytes = 0
  let last: Promise<unknown> = Promise.resolve()

  const keep = (key: string, clip: Buffer) => {
    kept.set(key, clip)
    keptBytes += clip.length
    for (const [oldest, dropped] of kept) {
      if (keptBytes <= maxBytes || oldest === key) break
      kept.delete(oldest)
      keptBytes -= dropped.length
    }
    return clip
  }
  const enqueue = (key: string, options: ClipOptions) => {
    if (coming.size >= maxWaiting)
      throw new SimulatorError('too_many_encodes', `${maxWaiting} clips are waited for`)
    const clip = last
      .then(() => render(options))
      .then((made) => keep(key, made))
      .finally(() => coming.delete(key))
    coming.set(key, clip)
    last = clip.catch(() => undefined)
    return clip
  }

  return {
    async get(options) {
      const { seconds, width, height, seed, label } = options
      const key = JSON.stringify([seconds, width, height, seed, label])
      const clip = kept.get(key)
      if (clip === undefined) return coming.get(key) ?? enqueue(key, options)
      kept.delete(key)
      kept.set(key, clip)
      return clip
    },
  }
}
