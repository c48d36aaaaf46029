import { Thumb } from '../../../ui/thumb.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { Character } from '../scene/use-characters.ts'
import type { Preview } from './asked.ts'

/** The characters of the scene, and how the first upstream would play them. */
export function Cast({ preview, characters }: { preview: Preview; characters: readonly Character[] }) {
  const t = useWords(studioWords)
  const [first] = preview.candidates
  if (preview.characters.length === 0) return null
  return (
    <section aria-labelledby="cast-title">
      <h3 id="cast-title">{t('cast')}</h3>
      <ul className="cast">
        {preview.characters.map(({ id, name }) => (
          <li key={id}>
            <Thumb src={characters.find((each) => each.id === id)?.clip?.thumbnail_url ?? null} />
            <span>
              <strong className="cast-name">@{name}</strong>
              {first !== undefined && first.fidelity !== null && (
                <span className="small mute cast-words">
                  {t(first.binding === 'needed' ? 'fidelity_needed' : `fidelity_${first.fidelity}`, {
                    upstream: first.upstream,
                  })}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
