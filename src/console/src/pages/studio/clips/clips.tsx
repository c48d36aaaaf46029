import { lazy, Suspense } from 'react'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import type { SessionClip } from '../send/session-clips.ts'
import { ClipCard } from './clip-card.tsx'
import { EarlierSeries } from './earlier-series.tsx'

/** Its own chunk: most visits to the studio make no series. */
const SeriesCard = lazy(async () => ({ default: (await import('./series-card.tsx')).SeriesCard }))

/** What was made in this tab, the newest first. */
export function Clips({
  clips,
  onShow,
}: {
  clips: readonly SessionClip[]
  onShow: (clip: SessionClip) => void
}) {
  const t = useWords(studioWords)
  const videos = clips.filter(({ type }) => type === 'generation')
  const series = clips.filter(({ type }) => type === 'series')
  return (
    <section className="clips" aria-labelledby="clips-title">
      <h2 id="clips-title">{t('clips')}</h2>
      {clips.length === 0 && <p className="mute">{t('clips_empty')}</p>}
      <Suspense fallback={null}>
        {series.map(({ id }) => (
          <SeriesCard key={id} id={id} />
        ))}
      </Suspense>
      {videos.length > 0 && (
        <ul className="strip">
          {videos.map(({ id }) => (
            <li key={id}>
              <ClipCard id={id} />
            </li>
          ))}
        </ul>
      )}
      <EarlierSeries shown={series.map(({ id }) => id)} onShow={(id) => onShow({ type: 'series', id })} />
    </section>
  )
}
