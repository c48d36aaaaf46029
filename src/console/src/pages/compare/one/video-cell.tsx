import { Link } from '@tanstack/react-router'
import { useFormat } from '../../../format/use-format.ts'
import { StatePill } from '../../../ui/pill.tsx'
import type { Language } from '../../../words/define-words.ts'
import { useLanguage, useWords } from '../../../words/language.tsx'
import { Player } from '../play/player.tsx'
import { SoundButton } from '../play/transport.tsx'
import { usePlayback } from '../play/use-playback.ts'
import type { Cell, Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'
import { Scores } from './results.tsx'

interface Props {
  cell: Cell
  comparison: Comparison
  isInPlay: boolean
}

/** One video with what is known of it, or why there is none. */
export function VideoCell({ cell, comparison, isInPlay }: Props) {
  const t = useWords(compareWords)
  const playback = usePlayback()
  const { upstream, generation_id: id } = cell
  const scene = cell.scene + 1
  const isPortrait = comparison.size === 'portrait'
  const isDelivered = cell.state === 'delivered'
  return (
    <article className="video-cell" aria-label={`${upstream}, ${t('scene_title', { n: scene })}`}>
      <header className="video-head">
        <strong>{upstream}</strong>
        {isDelivered && isInPlay && <SoundButton playback={playback} id={id} who={upstream} />}
      </header>
      {isDelivered ? (
        <Player
          generationId={id}
          label={t('video_of', { who: upstream, scene })}
          isPortrait={isPortrait}
          isInPlay={isInPlay}
        />
      ) : (
        <NoVideo cell={cell} isPortrait={isPortrait} />
      )}
      <CellFigures cell={cell} />
      <footer className="video-foot small">
        {isDelivered && (
          <a
            href={`/generations/${id}/video`}
            download
            aria-label={t('download_of', { who: upstream, scene })}
          >
            {t('download')}
          </a>
        )}
        {cell.state !== 'waiting' && (
          <Link to="/generations/$id" params={{ id }} aria-label={t('details_of', { who: upstream, scene })}>
            {t('details')}
          </Link>
        )}
      </footer>
    </article>
  )
}

/** In words and shape. */
function NoVideo({ cell: { state, failure }, isPortrait }: { cell: Cell; isPortrait: boolean }) {
  const t = useWords(compareWords)
  return (
    <div className={isPortrait ? 'player player-none player-portrait' : 'player player-none'}>
      {state === 'failed' && (
        <>
          <StatePill state="failed" />
          {failure !== null && (
            <p className="small">
              <code>{failure.code}</code> {failure.message}
            </p>
          )}
        </>
      )}
      {state === 'waiting' && (
        <>
          <StatePill state="queued" />
          <p className="small mute">{t('waiting_detail')}</p>
        </>
      )}
      {state === 'rendering' && (
        <>
          <StatePill state="running" />
          <p className="small mute">{t('rendering_cell')}</p>
        </>
      )}
    </div>
  )
}

function CellFigures({ cell }: { cell: Cell }) {
  const t = useWords(compareWords)
  const { usd, seconds, number } = useFormat()
  const { language } = useLanguage()
  const {
    cost_usd: cost,
    reserved_cost_usd: reserved,
    fidelity,
    hash_similarity: hash,
    colour_distance: colours,
  } = cell
  if (cell.state !== 'delivered' && cell.state !== 'failed') return null
  const fidelityWord =
    fidelity === 'native' || fidelity === 'inline' || fidelity === 'reference' ? fidelity : null
  const words = [
    cost === null ? null : usd(cost),
    reserved !== null && reserved > 0 ? `${t('up_to_more')} ${usd(reserved)}` : null,
    cell.seconds === null ? null : seconds(cell.seconds),
    fidelityWord === null ? null : t(fidelityWord),
    hash === null ? null : `${t('likeness')} ${twoDigits(hash, language)}`,
    colours === null ? null : `${t('colours')} ${number(colours)}`,
  ].filter((word) => word !== null)
  return (
    <p className="video-figures small mute">
      {words.join(' · ')}
      {cell.own_scores !== null && (
        <span className="video-own">
          {t('yours')}: <Scores points={cell.own_scores} count={null} />
        </span>
      )}
    </p>
  )
}

function twoDigits(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value)
}
