import { z } from 'zod'
import { mediaKinds } from '../../domain/media-kind.ts'

/** A cell of a contact sheet; `strip` is the path of its picture, or null if there is none. */
const sheetCell = z.object({ strip: z.string().nullable(), caption: z.string(), missing: z.string() })
const sheet = z.object({
  title: z.string(),
  lines: z.array(z.string()),
  source: z.object({ caption: z.string(), strip: z.string().nullable() }).nullable(),
  columns: z.array(z.object({ name: z.string(), lines: z.array(z.string()) })),
  scenes: z.array(z.object({ title: z.string(), takes: z.array(z.array(sheetCell)) })),
})

/** Jobs for a media child process. Paths are absolute; times are in seconds. */
export const frameJob = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inspect'), file: z.string() }),
  z.object({ type: z.literal('thumbnail'), file: z.string(), output: z.string() }),
  z.object({
    type: z.literal('cut'),
    file: z.string(),
    output: z.string(),
    start: z.number(),
    end: z.number(),
  }),
  z.object({ type: z.literal('strip'), file: z.string(), output: z.string() }),
  z.object({ type: z.literal('stills'), file: z.string(), outputs: z.array(z.string()).min(1) }),
  z.object({ type: z.literal('compare'), strip: z.string(), other: z.string() }),
  z.object({ type: z.literal('sheet'), sheet, output: z.string() }),
])

/**
 * The child's response. `unusable` and `unsupported` (a kind that is not accepted, complete or not) are about the file.
 * `failed` is an error of the machine (no decoder, a write error with its `code`) and says nothing about the file.
 */
export const frameAnswer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('media'),
    kind: z.enum(mediaKinds),
    contentType: z.string(),
    width: z.int().nonnegative(),
    height: z.int().nonnegative(),
    durationSeconds: z.number().positive().nullable(),
  }),
  z.object({ type: z.literal('written') }),
  z.object({ type: z.literal('stills'), count: z.int().positive() }),
  z.object({
    type: z.literal('compared'),
    hashSimilarity: z.number().min(0).max(1),
    colourDistance: z.number().nonnegative(),
  }),
  z.object({ type: z.literal('unusable'), message: z.string() }),
  z.object({ type: z.literal('unsupported'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string(), code: z.string().nullable() }),
])

export type FrameJob = z.infer<typeof frameJob>
export type FrameAnswer = z.infer<typeof frameAnswer>
export type SheetDrawing = z.infer<typeof sheet>
export type Compared = Extract<FrameAnswer, { type: 'compared' }>
export type StillsWritten = Extract<FrameAnswer, { type: 'stills' }>
export type Found = Extract<FrameAnswer, { type: 'media' }>
export type UnsupportedMedia = Extract<FrameAnswer, { type: 'unsupported' }>
export type Unusable = Extract<FrameAnswer, { type: 'unusable' }>

export function unusable(message: string): Unusable {
  return { type: 'unusable', message }
}

/** The child's exit code when a job fails outside of a promise: EX_SOFTWARE of sysexits.h. */
export const crashExitCode = 70
