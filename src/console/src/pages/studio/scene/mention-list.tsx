import { useEffect, useRef } from 'react'
import { Thumb } from '../../../ui/thumb.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { Mention } from './use-mention.ts'

export function optionId(listId: string, index: number): string {
  return `${listId}-${index}`
}

/** The names that fit, at the place of the `@`. A pointer does not take the focus out of the text. */
export function MentionList({
  id,
  mention: { options, active, choose, setActive },
  place,
}: {
  id: string
  mention: Mention
  place: { left: number; top: number }
}) {
  const t = useWords(studioWords)
  const current = useRef<HTMLDivElement>(null)
  useEffect(() => {
    current.current?.scrollIntoView({ block: 'nearest' })
  }, [active])
  return (
    <div id={id} className="mentions" role="listbox" aria-label={t('names')} style={place}>
      {options.map((character, index) => (
        <div
          key={character.id}
          ref={index === active ? current : null}
          id={optionId(id, index)}
          className="mention"
          role="option"
          aria-selected={index === active}
          onPointerDown={(event) => event.preventDefault()}
          onPointerMove={() => setActive(index)}
          onClick={() => choose(character)}
        >
          <Thumb src={character.clip?.thumbnail_url ?? null} />
          <span className="mention-name">@{character.name}</span>
          <span className="mention-words">{character.description}</span>
        </div>
      ))}
    </div>
  )
}
