import { Link } from '@tanstack/react-router'
import type { CharacterSpend } from '../../../rules/character-spend.ts'
import { Money } from '../../../ui/money.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Character } from '../queries.ts'
import { characterWords } from '../words.ts'
import { BindingMark } from './binding-mark.tsx'
import { Poster } from './poster.tsx'

const mostMarks = 3

interface Props {
  character: Character
  /** Undefined while it is read, and for a character without videos. */
  spend: CharacterSpend | undefined
}

export function CharacterCard({ character, spend }: Props) {
  const t = useWords(characterWords)
  const { name, description, bindings } = character
  const more = bindings.length - mostMarks
  return (
    <li className="character-card">
      <Poster character={character} />
      <div className="character-card-text">
        <h2>
          <Link className="character-card-link" to="/characters/$id" params={{ id: character.id }}>
            @{name}
          </Link>
        </h2>
        <p className="character-card-words small mute">
          {description === '' ? t('no_description') : description}
        </p>
        <p className="character-marks small">
          {bindings.length === 0 && <span className="mute">{t('not_bound')}</span>}
          {bindings.slice(0, mostMarks).map((binding) => (
            <BindingMark key={binding.upstream} binding={binding} />
          ))}
          {more > 0 && <span className="mute">{t('more_bindings', { n: more })}</span>}
        </p>
        <p className="character-card-figures small">
          {spend === undefined ? (
            <span className="mute">{t('no_videos')}</span>
          ) : (
            <>
              <span>{t('videos', { n: spend.videos })}</span>
              <Money paidUsd={spend.paidUsd} reservedUsd={spend.reservedUsd} withoutVideo={false} />
            </>
          )}
        </p>
      </div>
    </li>
  )
}
