import { useState } from 'react'
import { takesOf } from '../../../rules/takes.ts'
import type { Take } from '../../../rules/takes.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { Transport } from '../play/transport.tsx'
import { PlaybackContext, useNewPlayback } from '../play/use-playback.ts'
import type { Cell, Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'
import { VideoCell } from './video-cell.tsx'

/** As many as one machine decodes and one connection feeds. */
const mostAtOnce = 12

/** Scenes × upstreams; all players on one clock, or those of one take where there are too many. */
export function Videos({ comparison }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  const playback = useNewPlayback()
  const [chosen, setChosen] = useState(0)
  const takes = takesOf(comparison.cells, comparison.upstreams)
  const hasMany = comparison.delivered > mostAtOnce
  const nameOf = (id: string) => comparison.cells.find(({ generation_id: of }) => of === id)?.upstream ?? id
  return (
    <PlaybackContext value={playback}>
      <section className="compare-section" aria-labelledby="videos-title">
        <h2 id="videos-title">{t('videos')}</h2>
        {hasMany && <p className="small mute">{t('too_many_at_once', { n: comparison.delivered })}</p>}
        {comparison.delivered > 0 && (
          <>
            <p className="small mute compare-keys">{t('keys_hint')}</p>
            <Transport playback={playback} nameOf={nameOf} />
          </>
        )}
        {takes.map((take, index) => (
          <TakeRow
            key={`${take.scene} ${take.run}`}
            take={take}
            comparison={comparison}
            isInPlay={!hasMany || index === chosen}
            onWatch={hasMany ? () => setChosen(index) : null}
          />
        ))}
      </section>
    </PlaybackContext>
  )
}

interface RowProps {
  take: Take<Cell>
  comparison: Comparison
  isInPlay: boolean
  /** Null where all takes play together. */
  onWatch: (() => void) | null
}

function TakeRow({ take, comparison, isInPlay, onWatch }: RowProps) {
  const t = useWords(compareWords)
  const n = take.scene + 1
  const title = comparison.runs > 1 ? t('take_title', { n, run: take.run }) : t('scene_title', { n })
  return (
    <section className="take" aria-label={title}>
      <header className="take-head">
        <h3>{title}</h3>
        <p>{comparison.scenes[take.scene]}</p>
        {onWatch !== null && (
          <Button className="small" aria-pressed={isInPlay} onClick={onWatch}>
            {isInPlay ? t('in_play') : t('watch_take')}
          </Button>
        )}
      </header>
      <div className="take-cells" data-few={take.cells.length <= 2 ? '' : undefined}>
        {take.cells.map((cell) => (
          <VideoCell key={cell.generation_id} cell={cell} comparison={comparison} isInPlay={isInPlay} />
        ))}
      </div>
    </section>
  )
}
