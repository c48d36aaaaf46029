import { Glyph } from '../../../ui/glyphs.tsx'
import type { GlyphName } from '../../../ui/glyphs.tsx'
import { KindLetter } from '../../../ui/kind-letter.tsx'
import { Pill } from '../../../ui/pill.tsx'
import type { Tone } from '../../../ui/pill.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Binding } from '../queries.ts'
import { characterWords } from '../words.ts'

const looks = {
  ready: { glyph: 'tick', tone: 'ok' },
  pending: { glyph: 'clock', tone: 'off' },
  failed: { glyph: 'cross', tone: 'bad' },
  revoked: { glyph: 'dash', tone: 'off' },
} as const satisfies Record<string, { glyph: GlyphName; tone: Tone }>

function useLook() {
  const t = useWords(characterWords)
  return ({ state }: Binding) => {
    const known = Object.entries(looks).find(([each]) => each === state)
    // A word of another release.
    if (known === undefined)
      return { glyph: 'dash' as const, tone: 'off' as const, text: t('state_other', { state }) }
    return { ...looks[state], text: t(`state_${state}`) }
  }
}

/** Its kind, its state as a shape and a word, and where on hover and for screen readers. */
export function BindingMark({ binding }: { binding: Binding }) {
  const t = useWords(characterWords)
  const { glyph, tone, text } = useLook()(binding)
  const { kind, upstream } = binding
  return (
    <span className={`binding-mark tone-${tone}`} title={upstream}>
      {kind !== null && <KindLetter kind={kind} />}
      <Glyph name={glyph} />
      {text} <span className="visually-hidden">{t('on_upstream', { upstream })}</span>
    </span>
  )
}

export function BindingPill({ binding }: { binding: Binding }) {
  const look = useLook()(binding)
  return <Pill {...look} />
}
