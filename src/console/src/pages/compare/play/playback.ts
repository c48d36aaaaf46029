import {
  frameSecondsOf,
  isBehind,
  lengthOf,
  longestHoldMs,
  orderFor,
  steppedTo,
} from '../../../rules/playback.ts'
import type { PlayerNow } from '../../../rules/playback.ts'

/** What a person sees of it. Times in seconds. */
export interface PlaybackShown {
  position: number
  length: number
  isPlaying: boolean
  /** The players that the others wait for. */
  waitingFor: readonly string[]
  /** The one that is heard. */
  sound: string | null
}

const still: PlaybackShown = { position: 0, length: 0, isPlaying: false, waitingFor: [], sound: null }
/** Changes of the position alone are shown at most this often. */
const shownEveryMs = 100
const framesSeen = 60

/**
 * Several players on one clock: they start, stop and seek together, and the clock stands while one of them loads. Players that are
 * shorter stay on their last frame.
 */
export class Playback {
  readonly #players = new Map<string, HTMLVideoElement>()
  readonly #listeners = new Set<() => void>()
  #shown = still
  #position = 0
  #isPlaying = false
  #sound: string | null = null
  /** When the position was last counted on, in milliseconds of `performance.now()`. */
  #countedAt = 0
  #heldSince: number | null = null
  #shownAt = 0
  #frameTimes: number[] = []
  #request: number | null = null

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly shown = (): PlaybackShown => this.#shown

  /** Takes a player in; returns how to let it go. */
  add(id: string, video: HTMLVideoElement): () => void {
    this.#players.set(id, video)
    this.#sound ??= id
    const wake = () => this.#wake()
    const events = ['loadedmetadata', 'canplay', 'seeked', 'error'] as const
    for (const event of events) video.addEventListener(event, wake)
    this.#watchFrames(video)
    this.#wake()
    return () => {
      this.#players.delete(id)
      for (const event of events) video.removeEventListener(event, wake)
      video.pause()
      if (this.#sound === id) this.#sound = this.#players.keys().next().value ?? null
      if (this.#players.size === 0) {
        this.#isPlaying = false
        this.#position = 0
      }
      this.#wake()
    }
  }

  toggle(): void {
    if (this.#isPlaying) this.pause()
    else this.play()
  }

  play(): void {
    if (this.#players.size === 0) return
    const { length } = this.#shown
    if (length > 0 && this.#position >= length) this.#position = 0
    this.#isPlaying = true
    this.#countedAt = performance.now()
    this.#heldSince = null
    this.#tickNow()
  }

  pause(): void {
    this.#isPlaying = false
    this.#tickNow()
  }

  seek(position: number): void {
    const { length } = this.#shown
    this.#position = Math.min(Math.max(0, position), length)
    this.#countedAt = performance.now()
    this.#tickNow()
  }

  step(direction: -1 | 1): void {
    this.#isPlaying = false
    const { length } = this.#shown
    this.seek(steppedTo(this.#position, direction, { frame: frameSecondsOf(this.#frameTimes), length }))
  }

  /** One is heard at a time; null: none. */
  hear(id: string | null): void {
    this.#sound = id
    this.#tickNow()
  }

  /** Ends everything; players may be added again. */
  stop(): void {
    this.#isPlaying = false
    this.#sleep()
  }

  #watchFrames(video: HTMLVideoElement): void {
    // Firefox before 132 has none; steps then are of the usual length.
    if (!('requestVideoFrameCallback' in video)) return
    const see = (_now: number, { mediaTime }: VideoFrameCallbackMetadata) => {
      this.#frameTimes = [...this.#frameTimes, mediaTime].slice(-framesSeen)
      if ([...this.#players.values()].includes(video)) video.requestVideoFrameCallback(see)
    }
    video.requestVideoFrameCallback(see)
  }

  #wake(): void {
    this.#request ??= requestAnimationFrame(() => this.#tick())
  }

  #sleep(): void {
    if (this.#request !== null) cancelAnimationFrame(this.#request)
    this.#request = null
  }

  /**
   * What a person asks for happens before the event is over. A frame later the slider would have been set back to the old position,
   * and Safari refuses to start a video with sound outside of the event.
   */
  #tickNow(): void {
    this.#sleep()
    this.#tick()
  }

  #tick(): void {
    this.#request = null
    const now = performance.now()
    const players = [...this.#players].map(([id, video]) => ({ id, video, now: playerNow(video) }))
    const length = lengthOf(players.map((player) => player.now))
    const behind = players.filter((player) => isBehind(player.now, this.#position)).map(({ id }) => id)
    const waitingFor = this.#isPlaying ? this.#patiently(behind, now) : []
    const isRunning = this.#isPlaying && waitingFor.length === 0
    if (isRunning) this.#position += (now - this.#countedAt) / 1000
    this.#countedAt = now
    if (length > 0 && this.#position >= length) {
      this.#position = length
      this.#isPlaying = false
    }
    const clock = { position: this.#position, isRunning: isRunning && this.#isPlaying }
    for (const player of players) {
      obey(player.video, orderFor(player.now, clock))
      player.video.muted = player.id !== this.#sound
    }
    this.#show({
      position: this.#position,
      length,
      isPlaying: this.#isPlaying,
      waitingFor,
      sound: this.#sound,
    })
    if (this.#isPlaying) this.#wake()
  }

  /** Those to wait for; none once that has taken too long. */
  #patiently(behind: readonly string[], now: number): readonly string[] {
    if (behind.length === 0) this.#heldSince = null
    else this.#heldSince ??= now
    return this.#heldSince !== null && now - this.#heldSince > longestHoldMs ? [] : behind
  }

  #show(next: PlaybackShown): void {
    const before = this.#shown
    const isSame =
      before.isPlaying === next.isPlaying &&
      before.length === next.length &&
      before.sound === next.sound &&
      before.waitingFor.join(' ') === next.waitingFor.join(' ')
    if (isSame && before.position === next.position) return
    if (isSame && next.isPlaying && performance.now() - this.#shownAt < shownEveryMs) return
    this.#shownAt = performance.now()
    this.#shown = next
    for (const listener of this.#listeners) listener()
  }
}

function playerNow(video: HTMLVideoElement): PlayerNow {
  return {
    time: video.currentTime,
    length: Number.isFinite(video.duration) ? video.duration : null,
    isReady: video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA,
    isSeeking: video.seeking,
    hasFailed: video.error !== null,
  }
}

function obey(video: HTMLVideoElement, { isPlaying, seekTo, rate }: ReturnType<typeof orderFor>): void {
  if (seekTo !== null && video.readyState >= HTMLMediaElement.HAVE_METADATA) video.currentTime = seekTo
  if (video.playbackRate !== rate) video.playbackRate = rate
  if (isPlaying === !video.paused) return
  // Refused where nobody has pressed anything yet, or where a pause came first: the next press tries again.
  if (isPlaying) video.play().catch(() => undefined)
  else video.pause()
}
