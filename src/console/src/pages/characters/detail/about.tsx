import { Link } from '@tanstack/react-router'
import { useFormat } from '../../../format/use-format.ts'
import { useWords } from '../../../words/language.tsx'
import { Poster } from '../parts/poster.tsx'
import type { Character } from '../queries.ts'
import { characterWords } from '../words.ts'

/** The clip, and what was said of the character when it was made. */
export function About({ character }: { character: Character }) {
  const t = useWords(characterWords)
  const { instant, seconds } = useFormat()
  const { clip, description, voice } = character
  return (
    <section className="panel stack" aria-label={t('about')}>
      {clip === null ? (
        <>
          <Poster character={character} />
          <p className="small mute">{t('no_clip')}</p>
        </>
      ) : (
        <video
          className="character-clip"
          src={clip.url}
          poster={clip.thumbnail_url}
          controls
          loop
          muted
          playsInline
          preload="metadata"
          aria-label={t('clip_label', { name: character.name })}
        />
      )}
      <p className="character-words">{description === '' ? t('no_description') : description}</p>
      <dl className="facts small">
        <dt>{t('made_from')}</dt>
        <dd>
          <Source character={character} />
        </dd>
        {clip !== null && (
          <>
            <dt>{t('clip_facts')}</dt>
            <dd>
              {t('clip_of', { seconds: seconds(clip.duration), width: clip.width, height: clip.height })}
            </dd>
          </>
        )}
        {voice !== null && (
          <>
            <dt>{t('voice_of')}</dt>
            <dd>{t('voice_kept', { seconds: seconds(voice.duration) })}</dd>
          </>
        )}
        <dt>{t('made_at')}</dt>
        <dd>
          <time dateTime={character.created_at}>{instant(character.created_at)}</time>
        </dd>
      </dl>
    </section>
  )
}

function Source({ character: { source } }: { character: Character }) {
  const t = useWords(characterWords)
  switch (source.type) {
    case 'generation':
      return (
        <Link to="/generations/$id" params={{ id: source.generation_id }}>
          {t('from_generation')}
        </Link>
      )
    case 'upload':
      return t('from_upload', { name: source.file_name })
    case 'pictures':
      return t('from_pictures', { n: source.count })
    case 'url':
      return (
        <>
          {t('from_url')} <code>{source.url}</code>
        </>
      )
  }
}
