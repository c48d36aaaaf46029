import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { letterOf } from '../../../rules/takes.ts'
import type { Take } from '../../../rules/takes.ts'
import { useSession } from '../../../session/session.ts'
import { Button } from '../../../ui/button.tsx'
import { PageHead } from '../../../ui/page-head.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { Player } from '../play/player.tsx'
import { SoundButton, Transport } from '../play/transport.tsx'
import { PlaybackContext, useNewPlayback } from '../play/use-playback.ts'
import type { Playback } from '../play/playback.ts'
import type { Cell, Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'
import { Reveal } from './reveal.tsx'
import { Sliders } from './sliders.tsx'
import { useBlind } from './use-blind.ts'
import type { BlindState } from './use-blind.ts'

/** Take by take, the videos without their names; who was who at the end. */
export function Blind({ comparison }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  const { session } = useSession()
  const person = session?.key ?? ''
  const blind = useBlind(comparison, person)
  const take = blind.takes[blind.at]
  return (
    <>
      <PageHead title={take === undefined ? t('reveal_title') : t('blind_title')}>
        <Link className="button" to="/compare/$id" params={{ id: comparison.id }}>
          {take === undefined ? t('to_results') : t('leave')}
        </Link>
      </PageHead>
      {take === undefined ? (
        <Reveal comparison={comparison} takes={blind.takes} />
      ) : (
        <BlindTake
          key={`${take.scene} ${take.run}`}
          comparison={comparison}
          take={take}
          blind={blind}
          person={person}
        />
      )}
    </>
  )
}

interface TakeProps {
  comparison: Comparison
  take: Take<Cell>
  blind: BlindState
  person: string
}

function BlindTake({ comparison, take, blind, person }: TakeProps) {
  const t = useWords(compareWords)
  const playback = useNewPlayback()
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => ref.current?.querySelector('input')?.focus(), [])
  const letters = new Map(take.cells.map(({ generation_id: id }, index) => [id, letterOf(index)]))
  const nameOf = (id: string) => t('video_letter', { letter: letters.get(id) ?? '' })
  return (
    <PlaybackContext value={playback}>
      <p className="small mute">{t('blind_hint')}</p>
      <p className="blind-scene">
        <span className="small mute">{t('blind_step', { n: blind.at + 1, total: blind.takes.length })}</span>{' '}
        {comparison.scenes[take.scene]}
      </p>
      <Transport playback={playback} nameOf={nameOf} />
      <div className="take-cells" data-few={take.cells.length <= 2 ? '' : undefined} ref={ref}>
        {take.cells.map((cell) => (
          <BlindCell
            key={cell.generation_id}
            cell={cell}
            who={nameOf(cell.generation_id)}
            isPortrait={comparison.size === 'portrait'}
            playback={playback}
            blind={blind}
          />
        ))}
      </div>
      <BlindFoot blind={blind} person={person} />
    </PlaybackContext>
  )
}

interface CellProps {
  cell: Cell
  who: string
  isPortrait: boolean
  playback: Playback
  blind: BlindState
}

function BlindCell({ cell: { generation_id: id, scene }, who, isPortrait, playback, blind }: CellProps) {
  const t = useWords(compareWords)
  return (
    <article className="video-cell" aria-label={who}>
      <header className="video-head">
        <strong>{who}</strong>
        <SoundButton playback={playback} id={id} who={who} />
      </header>
      <Player
        generationId={id}
        label={t('video_of', { who, scene: scene + 1 })}
        isPortrait={isPortrait}
        isInPlay
      />
      <Sliders
        who={who}
        points={blind.pointsOf(id)}
        playback={playback}
        onSet={(aspect, points) => blind.set(id, aspect, points)}
        onNext={() => void blind.next()}
      />
    </article>
  )
}

function BlindFoot({ blind, person }: { blind: BlindState; person: string }) {
  const t = useWords(compareWords)
  const isLast = blind.at === blind.takes.length - 1
  return (
    <div className="stack blind-foot">
      {blind.error !== null && <Failure error={blind.error} />}
      <div className="row">
        <Button kind="primary" data-next="" isBusy={blind.isSaving} onClick={() => void blind.next()}>
          {isLast ? t('finish') : t('next')}
        </Button>
        {blind.at > 0 && <Button onClick={blind.previous}>{t('previous')}</Button>}
        <span role="status" className="fault small">
          {blind.isMissing && t('missing_points')}
        </span>
      </div>
      <p className="small mute">{t('saved_as', { key: person })}</p>
    </div>
  )
}
