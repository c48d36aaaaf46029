import { z } from 'zod'

/** What the gateway asks of a media child process. Paths are absolute; times are seconds. */
export const frameJob = z.discriminatedUnion('type', [
  z.object({ type: z.literal('inspect'), file: z.string() }),
  z.object({ type: z.literal('poster'), file: z.string(), output: z.string() }),
  z.object({
    type: z.literal('cut'),
    file: z.string(),
    output: z.string(),
    start: z.number(),
    end: z.number(),
  }),
])

/**
 * The child's answer. `unusable` is a verdict on the file; `failed` is trouble of the machine (no decoder installed, a
 * write error with its `code`) and says nothing about the file.
 */
export const frameAnswer = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('media'),
    kind: z.enum(['video', 'image']),
    contentType: z.string(),
    width: z.int().positive(),
    height: z.int().positive(),
    durationSeconds: z.number().positive().nullable(),
  }),
  z.object({ type: z.literal('written') }),
  z.object({ type: z.literal('unusable'), message: z.string() }),
  z.object({ type: z.literal('failed'), message: z.string(), code: z.string().nullable() }),
])

export type FrameJob = z.infer<typeof frameJob>
export type FrameAnswer = z.infer<typeof frameAnswer>
export type Found = Extract<FrameAnswer, { type: 'media' }>
export type Unusable = Extract<FrameAnswer, { type: 'unusable' }>

export function unusable(message: string): Unusable {
  return { type: 'unusable', message }
}

/** The child's exit code when a job made it fail outside of any promise; EX_SOFTWARE of sysexits.h. */
export const crashExitCode = 70
