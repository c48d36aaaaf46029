import { useFormat } from '../../../format/use-format.ts'
import { hasEnded, rowState } from '../../../rules/row-state.ts'
import { ProgressBar } from '../../../ui/progress-bar.tsx'
import { useWords } from '../../../words/language.tsx'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

/** The player; without a video, what is known instead. */
export function Media({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const { video, prompt } = generation
  return (
    <section className="media" aria-labelledby="media-title">
      <h2 id="media-title">{t('video')}</h2>
      {video === null ? (
        <NoVideo generation={generation} />
      ) : prompt === null ? (
        <Frame generation={generation}>{t('media_hidden')}</Frame>
      ) : (
        <Player generation={generation} bytes={video.bytes} />
      )}
    </section>
  )
}

/** In pixels; `landscape` and `portrait` are sizes as well as `1280x720`. */
function dimensionsOf(size: string): { width: number; height: number } {
  const [, width = '16', height = '9'] = /^(\d+)x(\d+)$/.exec(size) ?? []
  return size === 'portrait' ? { width: 9, height: 16 } : { width: Number(width), height: Number(height) }
}

function isUpright(size: string): boolean {
  const { width, height } = dimensionsOf(size)
  return height > width
}

function Player({ generation, bytes }: { generation: Generation; bytes: number }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const { id, size, status, prompt } = generation
  const path = `/generations/${id}`
  return (
    <>
      <video
        {...dimensionsOf(size)}
        className={isUpright(size) ? 'player player-upright' : 'player'}
        controls
        playsInline
        preload="metadata"
        poster={`${path}/thumbnail`}
        src={`${path}/video`}
        aria-label={prompt ?? t('video')}
      />
      <p className="row">
        <a className="button" href={`${path}/video`} download={`${id}.mp4`}>
          {t('download')}
        </a>
        <span className="small mute">{format.bytes(bytes)}</span>
      </p>
      {status === 'failed' && <p className="notice">{t('late_video')}</p>}
    </>
  )
}

function NoVideo({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const { status, error, progress } = generation
  const isRendering = ['running', 'archiving', 'overdue'].includes(rowState(generation))
  if (!hasEnded(generation)) {
    return (
      <Frame generation={generation}>
        <Waiting generation={generation} />
        {isRendering && (
          <span className="media-progress">
            <ProgressBar percent={progress} label={t('progress_label')} />
            <span>{progress} %</span>
          </span>
        )}
      </Frame>
    )
  }
  if (status === 'completed')
    return (
      <Frame generation={generation}>
        <strong>{t('video_gone')}</strong>
        <span className="mute">{t('video_gone_detail')}</span>
      </Frame>
    )
  return (
    <Frame generation={generation}>
      <strong>{status === 'cancelled' ? t('cancelled_no_video') : t('no_video')}</strong>
      {status === 'failed' && error !== null && <code className="tone-bad">{error.code}</code>}
      {status === 'failed' && error?.message != null && <span>{error.message}</span>}
      <Waiting generation={generation} />
    </Frame>
  )
}

/** What is going on, or still watched, in one sentence. */
function Waiting({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const state = rowState(generation)
  const stateOf = state === 'overdue' ? 'abandoned' : state
  const attempt = generation.attempts.find((one) => one.state === stateOf) ?? generation.attempts.at(-1)
  if (state === 'queued' || attempt === undefined) return hasEnded(generation) ? null : t('waiting_queued')
  const { upstream, queue_position: position, reserved } = { ...attempt, reserved: attempt.cost_usd }
  if (state === 'unknown') return t('waiting_unknown', { upstream, amount: format.usd(reserved) })
  if (state === 'overdue') return t('waiting_overdue', { upstream })
  if (state === 'binding' || state === 'submitting' || state === 'archiving')
    return t(`waiting_${state}`, { upstream })
  if (state !== 'running') return null
  return (
    <>
      {t('waiting_running', { upstream })}
      {position !== null && <span className="mute">{t('queue_position', { n: position })}</span>}
    </>
  )
}

function Frame({ generation, children }: { generation: Generation; children: React.ReactNode }) {
  return (
    <div className={isUpright(generation.size) ? 'no-video no-video-upright' : 'no-video'}>{children}</div>
  )
}
