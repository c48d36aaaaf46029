import { createChildQueue, type ChildQueue } from '../child-queue.ts'
import {
  frameAnswer,
  type Compared,
  type Found,
  type FrameAnswer,
  type FrameJob,
  type SheetDrawing,
} from './frame-jobs.ts'
import { isNoSpace } from '../machine-fault.ts'

/**
 * `unusable`, `unsupported`: verdicts on the file. `too_slow`: a child could not be done with it in its time. `busy`: no child was free, or
 * it was killed from outside, and `aborted`: the caller gave up; neither says anything about the file.
 */
export interface FrameFailure {
  type: 'unusable' | 'unsupported' | 'too_slow' | 'busy' | 'aborted' | 'no_space'
  message: string
}
export type Written = { type: 'written' } | FrameFailure

export interface Frames {
  inspect(file: string, signal: AbortSignal | null): Promise<Found | FrameFailure>
  /** Writes a WebP of the first frame (or of the picture), at most 640 pixels wide, to a new file. */
  thumbnail(file: string, output: string): Promise<Written>
  /** Writes the span [start, end) seconds as MP4 to a new file. */
  cut(
    file: string,
    output: string,
    span: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<Written>
  /** Writes a WebP of frames at even distances, side by side, to a new file. */
  strip(file: string, output: string): Promise<Written>
  /** Compares two strips. */
  compare(strip: string, other: string): Promise<Compared | FrameFailure>
  /** Draws a contact sheet to a new file. */
  draw(sheet: SheetDrawing, output: string): Promise<Written>
  close(): void
}

export interface FrameLimits {
  inspectMs: number
  thumbnailMs: number
  stripMs: number
  cutMs: number
  sheetMs: number
}

const entry = new URL('./frame-process.ts', import.meta.url)
const measured: FrameLimits = {
  inspectMs: 15_000,
  thumbnailMs: 15_000,
  stripMs: 60_000,
  cutMs: 60_000,
  sheetMs: 60_000,
}

/**
 * Everything that parses or decodes a file from outside, done in child processes, so that a hostile file ends a child
 * and not the gateway. Inspection only parses, and shares children; decoding runs native code, and gets a new child for
 * each file. Throws when the machine cannot do it at all (no decoder installed).
 */
export function createFrames(limits: FrameLimits = measured): Frames {
  const shape = { entry, width: 2, waitMs: 60_000, idleMs: 10_000 }
  const parsers = createChildQueue({ ...shape, maxWaiting: 1000, jobsPerChild: 500 })
  const decoders = createChildQueue({ ...shape, maxWaiting: 64, jobsPerChild: 1 })

  return {
    async inspect(file, signal) {
      const answer = await ask(parsers, { type: 'inspect', file }, limits.inspectMs, signal)
      if (answer.type === 'written' || answer.type === 'compared')
        throw misunderstood({ type: 'inspect' }, answer.type)
      return answer
    },
    thumbnail: (file, output) =>
      written(decoders, { type: 'thumbnail', file, output }, limits.thumbnailMs, null),
    strip: (file, output) => written(decoders, { type: 'strip', file, output }, limits.stripMs, null),
    cut: (file, output, span, signal) =>
      written(decoders, { type: 'cut', file, output, ...span }, limits.cutMs, signal),
    // Strips are this gateway's own pictures, so children may be shared.
    async compare(strip, other) {
      const answer = await ask(parsers, { type: 'compare', strip, other }, limits.stripMs, null)
      if (answer.type === 'written' || answer.type === 'media')
        throw misunderstood({ type: 'compare' }, answer.type)
      return answer
    },
    draw: (sheet, output) => written(parsers, { type: 'sheet', sheet, output }, limits.sheetMs, null),
    close() {
      parsers.close()
      decoders.close()
    },
  }
}

async function written(
  queue: ChildQueue,
  job: FrameJob,
  runMs: number,
  signal: AbortSignal | null,
): Promise<Written> {
  const answer = await ask(queue, job, runMs, signal)
  if (answer.type === 'media' || answer.type === 'compared') throw misunderstood(job, answer.type)
  return answer
}

function misunderstood({ type }: Pick<FrameJob, 'type'>, answer: string): Error {
  return new Error(`The media process answered a job "${type}" with "${answer}".`)
}

async function ask(
  queue: ChildQueue,
  job: FrameJob,
  runMs: number,
  signal: AbortSignal | null,
): Promise<Found | Compared | Written> {
  const result = await queue.run(job, runMs, signal)
  switch (result.type) {
    case 'answer':
      return verdict(frameAnswer.parse(result.value))
    case 'crashed':
      return { type: 'unusable', message: 'The file cannot be decoded.' }
    case 'deadline':
      return { type: 'too_slow', message: 'Reading the file took too long.' }
    case 'aborted':
      return { type: 'aborted', message: 'The request was cancelled.' }
    case 'busy':
    case 'lost':
      return { type: 'busy', message: 'The gateway is too busy to check the file. Try again later.' }
  }
}

function verdict(answer: FrameAnswer): Found | Compared | Written {
  if (answer.type !== 'failed') return answer
  if (isNoSpace(answer.code)) return { type: 'no_space', message: 'The archive is full.' }
  throw new Error(`The media process failed: ${answer.message}`)
}
