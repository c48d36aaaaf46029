import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { retryable } from '../../../rules/series-words.ts'
import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Bones, Failure } from '../../../ui/panel.tsx'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { StatePill } from '../../../ui/pill.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { SceneRow } from './scene-row.tsx'
import { useSeries } from './use-clip.ts'
import { useRetry } from './use-retry.ts'
import type { RetryScenes, Series } from './use-retry.ts'

/** A series as it goes: its scenes, its money, and what can be done with it. */
export function SeriesCard({ id }: { id: string }) {
  const t = useWords(studioWords)
  const { data, error } = useSeries(id)
  if (data !== undefined) return <Whole series={data} />
  return error === null ? <Bones lines={4} /> : <p className="mute">{t('gone')}</p>
}

function Whole({ series }: { series: Series }) {
  const t = useWords(studioWords)
  const { id, name, status, progress, counts, scenes } = series
  const titleId = `series-${id}`
  const retry = useRetry(id)
  const isOver = series.completed_at !== null
  return (
    <section className="series panel" aria-labelledby={titleId} data-state={status}>
      <header className="series-head">
        <h3 id={titleId}>{name ?? t('series_untitled')}</h3>
        <StatePill state={isOver ? seriesState(status) : 'in_progress'} />
        <span className="small mute">
          {t('series_counts', { done: counts['completed'], total: scenes.length })}
        </span>
        {!isOver && <ProgressBar percent={progress} label={t('progress')} />}
        <SeriesMoney series={series} />
      </header>
      {retry.error !== null && <Failure error={retry.error} />}
      <ol className="series-scenes">
        {scenes.map((scene) => (
          <SceneRow
            key={scene.id}
            scene={scene}
            canRetry={isOver && status !== 'cancelled'}
            onRetry={retry.mutate}
          />
        ))}
      </ol>
      <SeriesActions series={series} isRetrying={retry.isPending} onRetry={retry.mutate} />
    </section>
  )
}

function seriesState(status: Series['status']) {
  return status === 'completed' || status === 'cancelled' ? status : 'failed'
}

function SeriesMoney({ series }: { series: Series }) {
  const t = useWords(studioWords)
  const { usd } = useFormat()
  return (
    <span className="series-money small">
      {usd(series.cost_usd)}
      {series.reserved_cost_usd > 0 && (
        <span className="tone-warn"> {t('series_held', { amount: usd(series.reserved_cost_usd) })}</span>
      )}
      {series.max_cost_usd !== null && (
        <span className="mute"> {t('series_of', { amount: usd(series.max_cost_usd) })}</span>
      )}
    </span>
  )
}

function SeriesActions({
  series,
  isRetrying,
  onRetry,
}: {
  series: Series
  isRetrying: boolean
  onRetry: RetryScenes
}) {
  const t = useWords(studioWords)
  const { id, scenes, status } = series
  const isOver = series.completed_at !== null
  const again = retryable(scenes)
  const hasVideo = scenes.some(({ video }) => video !== null)
  return (
    <div className="row">
      {!isOver && <CancelSeries id={id} />}
      {isOver && status === 'failed' && again > 0 && (
        <Button isBusy={isRetrying} onClick={() => onRetry(null)}>
          {t('series_retry', { n: again })}
        </Button>
      )}
      {hasVideo && (
        <a className="button" href={`/series/${id}/videos.zip`} download>
          {t('series_zip')}
        </a>
      )}
      <a className="button button-quiet" href={`/series/${id}/sheet`} target="_blank" rel="noreferrer">
        {t('series_sheet')}
      </a>
    </div>
  )
}

function CancelSeries({ id }: { id: string }) {
  const t = useWords(studioWords)
  const cache = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const cancel = useMutation({
    mutationFn: () => bodyOf(api.POST('/series/{id}/cancel', { params: { path: { id } } })),
    onSuccess: (series) => {
      cache.setQueryData(['series', id], series)
      setAsked(false)
    },
  })
  return (
    <>
      <Button onClick={() => setAsked(true)}>{t('series_cancel')}</Button>
      {isAsked && (
        <Dialog title={t('series_cancel_title')} onClose={() => setAsked(false)}>
          <p>{t('series_cancel_detail')}</p>
          {cancel.error !== null && <Failure error={cancel.error} />}
          <div className="dialog-actions">
            <Button onClick={() => setAsked(false)}>{t('series_keep')}</Button>
            <Button kind="danger" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
              {t('series_cancel')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  )
}
