import { breakerNames } from '../../rules/upstream-state.ts'
import type { Breaker } from '../../rules/upstream-state.ts'
import { Glyph } from '../../ui/glyphs.tsx'
import type { GlyphName } from '../../ui/glyphs.tsx'
import { useWords } from '../../words/language.tsx'
import type { Upstream } from './queries.ts'
import { upstreamWords } from './words.ts'

const glyphs: Record<Breaker['state'], GlyphName> = { closed: 'tick', half_open: 'clock', open: 'cross' }
const tones: Record<Breaker['state'], string> = {
  closed: 'tone-off',
  half_open: 'tone-run',
  open: 'tone-bad',
}

/** The four breakers of an upstream, each a shape with its word; the state in words for screen readers. */
export function Breakers({ upstream }: { upstream: Upstream }) {
  const t = useWords(upstreamWords)
  return (
    <ul className="breakers">
      {breakerNames.map((name) => {
        const { state } = upstream.breakers[name]
        const operation = t(`operation_${name}`)
        const word = t(`breaker_${state}`)
        return (
          <li
            key={name}
            className={`breaker ${tones[state]} ${state === 'closed' ? '' : 'breaker-not-closed'}`}
            title={t('breaker_says', { operation, state: word })}
          >
            <Glyph name={glyphs[state]} />
            <span>{operation}</span>
            <span className={state === 'closed' ? 'visually-hidden' : ''}>{word}</span>
          </li>
        )
      })}
    </ul>
  )
}
