import { extname } from 'node:path'
import { createChildQueue, type ChildQueue } from '../child-queue.ts'
import {
  frameAnswer,
  type Compared,
  type Found,
  type FrameAnswer,
  type FrameJob,
  type SheetDrawing,
  type StillsWritten,
} from './frame-jobs.ts'
import { isNoSpace } from '../machine-fault.ts'

/**
 * - `unusable`, `unsupported`: about the file.
 * - `too_slow`: the child reached its time limit.
 * - `busy` (no child was free, or it was killed from outside) and `aborted` (by the caller): not about the file.
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
  /** Writes a WebP of frames at even intervals, side by side, to a new file. */
  strip(file: string, output: string): Promise<Written>
  /** Writes the best frames, as JPEG in full size, to new files; how many of the `outputs` there are. */
  stills(file: string, outputs: string[], signal: AbortSignal): Promise<StillsWritten | FrameFailure>
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
  stillsMs: number
  cutMs: number
  sheetMs: number
}

// A source runs as a source, and what is built of it as JavaScript.
const entry = new URL(`./frame-process${extname(import.meta.url)}`, import.meta.url)
const measured: FrameLimits = {
  inspectMs: 15_000,
  thumbnailMs: 15_000,
  stripMs: 60_000,
  stillsMs: 60_000,
  cutMs: 60_000,
  sheetMs: 60_000,
}

/**
 * Parses and decodes untrusted files in child processes, so that a hostile file crashes a child and not the gateway.
 * Inspection only parses, and shares children; decoding runs native code and gets a new child for each file. Throws if
 * the machine cannot do the job at all (no decoder installed).
 */
export function createFrames(limits: FrameLimits = measured): Frames {
  const shape = { entry, width: 2, waitMs: 60_000, idleMs: 10_000 }
  // To start a child takes as long as to inspect several hundred files.
  const parsers = createChildQueue({ ...shape, maxWaiting: 1000, jobsPerChild: 5000 })
  const decoders = createChildQueue({ ...shape, maxWaiting: 64, jobsPerChild: 1 })

  return {
    async inspect(file, signal) {
      const answer = await ask(parsers, { type: 'inspect', file }, limits.inspectMs, signal)
      return expected('inspect', 'media', answer)
    },
    thumbnail: (file, output) =>
      written(decoders, { type: 'thumbnail', file, output }, limits.thumbnailMs, null),
    strip: (file, output) => written(decoders, { type: 'strip', file, output }, limits.stripMs, null),
    cut: (file, output, span, signal) =>
      written(decoders, { type: 'cut', file, output, ...span }, limits.cutMs, signal),
    async stills(file, outputs, signal) {
      const job = { type: 'stills', file, outputs } as const
      return expected('stills', 'stills', await ask(decoders, job, limits.stillsMs, signal))
    },
    // Strips are created by the gateway itself, so a child can be reused.
    async compare(strip, other) {
      const answer = await ask(parsers, { type: 'compare', strip, other }, limits.stripMs, null)
      return expected('compare', 'compared', answer)
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
  return expected(job.type, 'written', await ask(queue, job, runMs, signal))
}

type Done = Exclude<FrameAnswer, { type: 'failed' }>
type Result = Done | FrameFailure
type Wanted = Exclude<Result['type'], FrameFailure['type']>

const wanted: readonly string[] = ['media', 'written', 'stills', 'compared'] satisfies Wanted[]

function expected<Type extends Wanted>(
  job: FrameJob['type'],
  type: Type,
  answer: Result,
): Extract<Result, { type: Type }> | FrameFailure {
  if (isOf(answer, type)) return answer
  if (isFailure(answer)) return answer
  throw new Error(`The media process answered a job "${job}" with "${answer.type}".`)
}

function isOf<Type extends Wanted>(answer: Result, type: Type): answer is Extract<Result, { type: Type }> {
  return answer.type === type
}

function isFailure(answer: Result): answer is FrameFailure {
  return !wanted.includes(answer.type)
}

async function ask(
  queue: ChildQueue,
  job: FrameJob,
  runMs: number,
  signal: AbortSignal | null,
): Promise<Result> {
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

function verdict(answer: FrameAnswer): Result {
  if (answer.type !== 'failed') return answer
  if (isNoSpace(answer.code)) return { type: 'no_space', message: 'The archive is full.' }
  throw new Error(`The media process failed: ${answer.message}`)
}
