import { useQueryClient } from '@tanstack/react-query'
import type { QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { holdStream } from './connection.ts'
import { feedCache } from './feed-cache.ts'
import { isFrame } from './frames.ts'
import type { Frame } from './frames.ts'
import { whileLeading } from './leader.ts'
import { setLive, useLive } from './live-state.ts'

const channelName = 'understudy.live'
/** A tab that does not lead learns by silence that nothing comes. */
const silenceMs = 30_000

/**
 * What tabs say to each other: a frame, that the stream is lost, a question whether it is there, and that it is, with the number of its
 * last frame.
 */
type Message = { frame: Frame } | { lost: true } | { who: true } | { here: number }

function isMessage(value: unknown): value is Message {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('lost' in value ||
      'who' in value ||
      ('here' in value && typeof value.here === 'number') ||
      ('frame' in value && isFrame(value.frame)))
  )
}

/** Keeps the query cache up to date as long as it is mounted: one stream for all tabs, led by one of them. */
export function LiveStream() {
  const client = useQueryClient()
  const isOff = useLive() === 'off'
  useEffect(() => (isOff ? undefined : follow(client)), [client, isOff])
  return null
}

function follow(client: QueryClient): () => void {
  const leave = new AbortController()
  const channel = new BroadcastChannel(channelName)
  const feed = feedCache(client)
  let isLeading = false
  let hasStream = false
  /** Of the last frame, whichever tab it came to: who leads next goes on after it. */
  let seen: number | null = null
  let watchdog: number | undefined
  setLive({ mode: 'connecting' })

  function take(frame: Frame): void {
    seen = frame.seq
    came()
    feed.take(frame)
  }

  function came(): void {
    const wasPaused = watchdog === undefined
    clearTimeout(watchdog)
    watchdog = window.setTimeout(lost, silenceMs)
    setLive({ mode: 'live', lastAt: Date.now() })
    if (wasPaused) void client.invalidateQueries({ queryKey: ['generations'] })
  }

  function lost(): void {
    clearTimeout(watchdog)
    watchdog = undefined
    setLive({ mode: 'paused' })
  }

  function tell(message: Message): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a BroadcastChannel has no other origin
    channel.postMessage(message)
  }

  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isMessage(data)) return
    if ('who' in data) {
      if (isLeading && hasStream && seen !== null) tell({ here: seen })
    } else if (isLeading) return
    else if ('lost' in data) lost()
    else if ('frame' in data) take(data.frame)
    else {
      seen = data.here
      came()
    }
  })
  whileLeading(() => {
    isLeading = true
    const close = holdStream({
      after: seen,
      onFrame(frame) {
        hasStream = true
        take(frame)
        tell({ frame })
      },
      onLost() {
        hasStream = false
        lost()
        tell({ lost: true })
      },
    })
    return () => {
      isLeading = false
      hasStream = false
      close()
    }
  }, leave.signal)
  tell({ who: true })
  return () => {
    leave.abort()
    clearTimeout(watchdog)
    channel.close()
    feed.stop()
  }
}
