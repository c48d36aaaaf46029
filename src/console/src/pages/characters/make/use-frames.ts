import { useEffect, useState } from 'react'
import type { RefObject } from 'react'
import { frameTimes } from '../../../rules/clip-span.ts'

export const frameCount = 12
const frame = { width: 96, height: 54 }
/** A browser that has shown no frame by then shows none, in milliseconds. */
const frameMs = 6_000

export type Frames =
  { state: 'none' | 'reading' | 'unreadable'; duration: null } | { state: 'ready'; duration: number }

const none: Frames = { state: 'none', duration: null }

/**
 * Reads a video of this page (`null`: there is none) and paints frames of it onto the canvas, from left to right. `ready`: its
 * length is known, while frames may still come.
 */
export function useFrames(src: string | null, canvas: RefObject<HTMLCanvasElement | null>): Frames {
  const [read, setRead] = useState<{ src: string; frames: Frames } | null>(null)
  useEffect(() => {
    if (src === null) return
    const stopping = new AbortController()
    const tell = (frames: Frames) => {
      if (!stopping.signal.aborted) setRead({ src, frames })
    }
    readFrames(src, canvas, (duration) => tell({ state: 'ready', duration }), stopping.signal).catch(() =>
      tell({ state: 'unreadable', duration: null }),
    )
    return () => stopping.abort()
  }, [src, canvas])
  if (src === null) return none
  return read?.src === src ? read.frames : { state: 'reading', duration: null }
}

async function readFrames(
  src: string,
  canvas: RefObject<HTMLCanvasElement | null>,
  onDuration: (seconds: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  try {
    const loaded = happened(video, 'loadeddata', signal)
    video.src = src
    await loaded
    const { duration } = video
    if (!Number.isFinite(duration) || duration <= 0) throw new Error('Its length is not known.')
    onDuration(duration)
    for (const [index, time] of frameTimes(duration, frameCount).entries()) {
      const seeked = happened(video, 'seeked', signal)
      video.currentTime = time
      await seeked
      paint(canvas.current, video, index)
    }
  } finally {
    video.removeAttribute('src')
    video.load()
  }
}

/** Rejects on an error of the video, when it takes too long, and when nobody waits any more. */
function happened(video: HTMLVideoElement, type: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = AbortSignal.any([signal, AbortSignal.timeout(frameMs)])
    const fail = () => reject(new Error('The video cannot be shown.'))
    video.addEventListener(type, () => resolve(), { once: true, signal: end })
    video.addEventListener('error', fail, { once: true, signal: end })
    end.addEventListener('abort', fail, { once: true })
  })
}

/** Fills the place of one frame; what is too wide or too high is cut off on both sides. */
function paint(canvas: HTMLCanvasElement | null, video: HTMLVideoElement, index: number): void {
  const context = canvas?.getContext('2d')
  if (!context) return
  const { videoWidth: width, videoHeight: height } = video
  const scale = Math.max(frame.width / width, frame.height / height)
  const [w, h] = [frame.width / scale, frame.height / scale]
  context.drawImage(
    video,
    (width - w) / 2,
    (height - h) / 2,
    w,
    h,
    index * frame.width,
    0,
    frame.width,
    frame.height,
  )
}
