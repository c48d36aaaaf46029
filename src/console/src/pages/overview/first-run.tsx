import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Glyph } from '../../ui/glyphs.tsx'
import { useWords } from '../../words/language.tsx'
import { characterQuery } from './queries.ts'
import { overviewWords } from './words.ts'

/** What an empty gateway offers: a character from the bundled clip, and then a scene with it. */
export function FirstRun() {
  const t = useWords(overviewWords)
  const { data } = useQuery(characterQuery)
  const character = data?.data[0]?.name ?? null
  return (
    <section className="panel first-run" aria-labelledby="first-title">
      <h2 id="first-title">{t('first_title')}</h2>
      <p className="mute">{t('first_detail')}</p>
      <ol className="first-steps">
        <li className={character === null ? 'first-step' : 'first-step first-step-done'}>
          <span className="first-number" aria-hidden="true">
            {character === null ? '1' : <Glyph name="tick" />}
          </span>
          <div className="stack-tight">
            <strong>{t('first_character')}</strong>
            <span className="small mute">{t('first_character_more')}</span>
            {character === null ? (
              <Link className="button button-primary" to="/characters/new" search={{ sample: true }}>
                {t('first_character')}
              </Link>
            ) : (
              <span className="small tone-ok">{t('first_done')}</span>
            )}
          </div>
        </li>
        <li className="first-step">
          <span className="first-number" aria-hidden="true">
            2
          </span>
          <div className="stack-tight">
            <strong>{sceneWords(character)}</strong>
            <span className="small mute">{t('first_scene_more')}</span>
            {character !== null && (
              <Link className="button button-primary" to="/studio" search={{ character }}>
                {sceneWords(character)}
              </Link>
            )}
          </div>
        </li>
      </ol>
    </section>
  )

  function sceneWords(name: string | null): string {
    return name === null ? t('first_scene_later') : t('first_scene', { name: `@${name}` })
  }
}
