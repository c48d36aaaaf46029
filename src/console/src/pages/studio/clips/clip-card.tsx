import { Link } from '@tanstack/react-router'
import type { Schemas } from '../../../api/client.ts'
import { moneyOf } from '../../../rules/money-words.ts'
import { rowState } from '../../../rules/row-state.ts'
import { Money } from '../../../ui/money.tsx'
import { Bones } from '../../../ui/panel.tsx'
import { RoutePath } from '../../../ui/route-path.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { Screen } from './screen.tsx'
import { useClip } from './use-clip.ts'

/** One video of the strip. */
export function ClipCard({ id }: { id: string }) {
  const t = useWords(studioWords)
  const { data, error } = useClip(id)
  if (data !== undefined) return <Clip generation={data} />
  return error === null ? <Bones lines={4} /> : <p className="clip mute">{t('gone')}</p>
}

function Clip({ generation }: { generation: Schemas['Generation'] }) {
  const t = useWords(studioWords)
  const { id, prompt, progress, attempts, video, error, characters } = generation
  const [character] = characters
  return (
    <article className="clip" data-state={generation.status}>
      <Screen
        id={id}
        prompt={prompt ?? ''}
        state={rowState(generation)}
        progress={progress}
        hasVideo={video !== null}
      />
      <p className="clip-words">{prompt}</p>
      <div className="clip-facts small">
        <RoutePath attempts={attempts} />
        <Money {...moneyOf(generation)} />
      </div>
      {error !== null && (
        <p className="small fault">
          <code>{error.code}</code> {error.message}
        </p>
      )}
      <p className="clip-links small">
        <Link to="/generations/$id" params={{ id }}>
          {t('open_generation')}
        </Link>
        {video !== null && (
          <a href={video.url} download={`${id}.mp4`}>
            {t('download')}
          </a>
        )}
        {character !== undefined && (
          <Link to="/compare/new" search={{ character: character.name }}>
            {t('compare')}
          </Link>
        )}
      </p>
    </article>
  )
}
