import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import { useFormat } from '../../../format/use-format.ts'
import { retryOf, sceneState } from '../../../rules/series-words.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'
import { Screen } from './screen.tsx'
import type { RetryScenes, Series } from './use-retry.ts'

type Scene = Series['scenes'][number]

/** One scene of a series. */
export function SceneRow({
  scene,
  canRetry,
  onRetry,
}: {
  scene: Scene
  canRetry: boolean
  onRetry: RetryScenes
}) {
  const t = useWords(studioWords)
  const { usd } = useFormat()
  const { number, prompt, generation_id: id, upstream, cost_usd: cost, error, video, progress } = scene
  return (
    <li className="series-scene" data-state={scene.status}>
      <Screen
        id={id ?? ''}
        prompt={prompt}
        state={sceneState(scene)}
        progress={progress}
        hasVideo={video !== null && id !== null}
      />
      <div className="series-words">
        <p className="clip-words">
          <span className="visually-hidden">{t('scene_number', { number })}: </span>
          {prompt}
        </p>
        <p className="small mute">
          {upstream ?? '–'} · {usd(cost)}
          {id !== null && (
            <>
              {' · '}
              <Link to="/generations/$id" params={{ id }}>
                {t('open_generation')}
              </Link>
            </>
          )}
        </p>
        {error !== null && (
          <p className="small fault">
            <code>{error.code}</code> {error.message}
          </p>
        )}
        {canRetry && <RetryScene scene={scene} onRetry={onRetry} />}
      </div>
    </li>
  )
}

function RetryScene({ scene, onRetry }: { scene: Scene; onRetry: RetryScenes }) {
  const t = useWords(studioWords)
  const fieldId = useId()
  const [words, setWords] = useState(scene.prompt)
  const retry = retryOf(scene)
  if (retry === null) return null
  if (retry === 'never') return <p className="small tone-warn">{t('series_unknown')}</p>
  const isChanged = words.trim() !== '' && words !== scene.prompt
  if (retry === 'as_is')
    return (
      <Button className="small" onClick={() => onRetry([{ id: scene.id }])}>
        {t('series_retry_one')}
      </Button>
    )
  return (
    <div className="stack">
      <p className="small tone-warn">{t('series_refused')}</p>
      <label className="visually-hidden" htmlFor={fieldId}>
        {t('series_new_words', { number: scene.number })}
      </label>
      <textarea id={fieldId} rows={2} value={words} onChange={({ target }) => setWords(target.value)} />
      <Button
        className="small"
        aria-disabled={!isChanged || undefined}
        onClick={() => isChanged && onRetry([{ id: scene.id, prompt: words }])}
      >
        {t('series_retry_one')}
      </Button>
    </div>
  )
}
