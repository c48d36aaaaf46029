import { useRef } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { usualSeconds } from '../../../rules/clip-span.ts'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'
import { FilmStrip } from './film-strip.tsx'
import { Loop } from './loop.tsx'
import { PartFields } from './part-fields.tsx'
import { useFrames } from './use-frames.ts'
import type { Frames } from './use-frames.ts'
import { usePart } from './use-part.ts'

export type Part = ReturnType<typeof usePart>

/** The frames of the video that can be played here, and the part of it that is kept. */
export function usePartOf(source: string | null, preview: string | null) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frames = useFrames(preview, canvas)
  const part = usePart(source, frames.duration)
  return { canvas, frames, part, preview }
}

interface Props extends ReturnType<typeof usePartOf> {
  fault: string | null
}

/** The loop, the film strip and the two numbers: three ways to see and set the same part. */
export function PartPanel({ canvas, frames, part, preview, fault }: Props) {
  const t = useWords(characterWords)
  const { span, setSpan } = part
  const { duration } = frames
  const hint = useHint(frames, part)
  return (
    <section className="panel stack clip-part" aria-labelledby="clip-part-title">
      <h2 id="clip-part-title">{t('part')}</h2>
      {preview !== null && frames.state !== 'unreadable' && (
        <>
          <Loop src={preview} span={span} />
          <FilmStrip
            canvas={canvas}
            part={duration === null || span === null ? null : { span, duration }}
            onChange={setSpan}
          />
          <p className="small mute">{t('part_hint')}</p>
        </>
      )}
      <PartFields
        typed={part.typed}
        onType={part.type}
        onSettle={part.settle}
        fault={part.fault === null ? fault : t(part.fault)}
        hint={hint}
      />
    </section>
  )
}

function useHint({ state }: Frames, { span }: Part): string {
  const t = useWords(characterWords)
  const { seconds } = useFormat()
  if (state === 'unreadable') return t('unreadable')
  if (span === null) return t('part_of_url')
  const length = span.end - span.start
  const keeps = t('keeps', { seconds: seconds(Math.round(length * 10) / 10) })
  return length > usualSeconds + 0.1 ? `${keeps}. ${t('too_long_part')}` : keeps
}
