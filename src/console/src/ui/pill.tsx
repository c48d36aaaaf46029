import type { ShownState } from '../rules/row-state.ts'
import { coreWords } from '../words/core.ts'
import { useWords } from '../words/language.tsx'
import { Glyph } from './glyphs.tsx'
import type { GlyphName } from './glyphs.tsx'

/** How a state looks: shape, outline and colour. `warn` has a dashed, bold outline. */
export const tones = ['run', 'ok', 'warn', 'bad', 'off'] as const
export type Tone = (typeof tones)[number]

const looks: Record<ShownState | 'delivered', { glyph: GlyphName; tone: Tone }> = {
  queued: { glyph: 'clock', tone: 'off' },
  binding: { glyph: 'clock', tone: 'off' },
  submitting: { glyph: 'clock', tone: 'off' },
  running: { glyph: 'play', tone: 'run' },
  archiving: { glyph: 'play', tone: 'run' },
  in_progress: { glyph: 'play', tone: 'run' },
  completed: { glyph: 'tick', tone: 'ok' },
  delivered: { glyph: 'tick', tone: 'ok' },
  failed: { glyph: 'cross', tone: 'bad' },
  cancelled: { glyph: 'dash', tone: 'off' },
  unknown: { glyph: 'exclamation', tone: 'warn' },
  overdue: { glyph: 'exclamation', tone: 'warn' },
}

/** The state of a generation or an attempt. */
export function StatePill({ state }: { state: ShownState | 'delivered' }) {
  const t = useWords(coreWords)
  const { glyph, tone } = looks[state]
  return <Pill glyph={glyph} tone={tone} text={t(`state_${state}`)} />
}

/** Any other state: `text` says it, `glyph` shows it. */
export function Pill({ glyph, tone, text }: { glyph: GlyphName; tone: Tone; text: string }) {
  return (
    <span className={`pill tone-${tone}`}>
      <Glyph name={glyph} />
      {text}
    </span>
  )
}
