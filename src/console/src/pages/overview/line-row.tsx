import type { ReactNode } from 'react'
import { Glyph } from '../../ui/glyphs.tsx'
import type { GlyphName } from '../../ui/glyphs.tsx'
import type { Tone } from '../../ui/pill.tsx'

interface Parts {
  glyph: GlyphName
  tone: Tone
  head: ReactNode
  more?: ReactNode
  act: ReactNode
}

/** A shape, what is the matter, what follows from it, and the way to where one acts. */
export function LineRow({ glyph, tone, head, more, act }: Parts) {
  return (
    <li className={`desk-line desk-line-${tone}`}>
      <span className={`desk-line-glyph tone-${tone}`}>
        <Glyph name={glyph} />
      </span>
      <div className="desk-line-words">
        <div className="desk-line-head">{head}</div>
        {more !== undefined && <div className="small mute">{more}</div>}
      </div>
      {act}
    </li>
  )
}
