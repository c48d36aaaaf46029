import { upstreamState } from '../../rules/upstream-state.ts'
import type { UpstreamState } from '../../rules/upstream-state.ts'
import type { GlyphName } from '../../ui/glyphs.tsx'
import { Pill } from '../../ui/pill.tsx'
import type { Tone } from '../../ui/pill.tsx'
import { useWords } from '../../words/language.tsx'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

const looks: Record<UpstreamState, { glyph: GlyphName; tone: Tone }> = {
  disabled: { glyph: 'dash', tone: 'off' },
  paused: { glyph: 'dash', tone: 'off' },
  failing: { glyph: 'cross', tone: 'bad' },
  trying: { glyph: 'clock', tone: 'run' },
  outage: { glyph: 'exclamation', tone: 'warn' },
  hindered: { glyph: 'exclamation', tone: 'warn' },
  over_cap: { glyph: 'dash', tone: 'off' },
  full: { glyph: 'clock', tone: 'off' },
  ready: { glyph: 'tick', tone: 'ok' },
}

export function UpstreamPill({ upstream }: { upstream: Upstream }) {
  const t = useWords(upstreamWords)
  const state = upstreamState(upstream)
  return <Pill {...looks[state]} text={t(`state_${state}`)} />
}
