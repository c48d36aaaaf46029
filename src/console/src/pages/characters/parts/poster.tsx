import { useState } from 'react'
import type { Character } from '../queries.ts'

/** The first frame of the clip, or the first picture. The name stands beside it, so it has no words of its own. */
export function Poster({ character }: { character: Character }) {
  const [isMissing, setMissing] = useState(false)
  return (
    <span className="poster">
      {!isMissing && (
        <img
          src={`/characters/${character.id}/thumbnail`}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setMissing(true)}
        />
      )}
    </span>
  )
}
