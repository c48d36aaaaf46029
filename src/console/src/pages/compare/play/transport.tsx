import type { KeyboardEvent } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Glyph } from '../../../ui/glyphs.tsx'
import { useLanguage, useWords } from '../../../words/language.tsx'
import { compareWords } from '../words/words.ts'
import type { Playback } from './playback.ts'
import { usePlaybackShown } from './use-playback.ts'

/** Starts, stops and seeks all players at once. `nameOf` says whom the others wait for. */
export function Transport({ playback, nameOf }: { playback: Playback; nameOf: (id: string) => string }) {
  const t = useWords(compareWords)
  const shown = usePlaybackShown(playback)
  const digits = useDigits()
  const { position, length, isPlaying, waitingFor } = shown
  return (
    <div className="transport" role="group" aria-label={t('transport')}>
      <Button kind="primary" className="transport-play" onClick={() => playback.toggle()}>
        <Glyph name={isPlaying ? 'dash' : 'play'} />
        {isPlaying ? t('pause') : t('play')}
      </Button>
      <Button aria-label={t('frame_back')} title={t('frame_back')} onClick={() => playback.step(-1)}>
        <span aria-hidden="true">‹</span>
      </Button>
      <Button aria-label={t('frame_on')} title={t('frame_on')} onClick={() => playback.step(1)}>
        <span aria-hidden="true">›</span>
      </Button>
      <input
        type="range"
        className="transport-position"
        aria-label={t('position')}
        aria-valuetext={t('position_text', { position: digits(position), length: digits(length) })}
        min={0}
        max={length}
        step={0.05}
        value={Math.min(position, length)}
        onChange={(event) => playback.seek(Number(event.target.value))}
        onKeyDown={(event) => playKeys(event, playback)}
      />
      <span className="transport-time mono" aria-hidden="true">
        {digits(position)} / {digits(length)}
      </span>
      <span className="transport-note small" role="status">
        {waitingFor.length > 0 && (
          <span className="tone-warn">{t('waiting_for', { who: waitingFor.map(nameOf).join(', ') })}</span>
        )}
      </span>
    </div>
  )
}

/** The keys of playing, where a slider has the focus. */
export function playKeys(event: KeyboardEvent, playback: Playback): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.nativeEvent.isComposing) return
  if (event.key === ' ') playback.toggle()
  else if (event.key === ',') playback.step(-1)
  else if (event.key === '.') playback.step(1)
  else return
  event.preventDefault()
}

function useDigits(): (seconds: number) => string {
  const { language } = useLanguage()
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (seconds) => format.format(seconds)
}

/** One is heard at a time. */
export function SoundButton({ playback, id, who }: { playback: Playback; id: string; who: string }) {
  const t = useWords(compareWords)
  const { sound } = usePlaybackShown(playback)
  const isHeard = sound === id
  return (
    <Button
      className="small sound"
      aria-pressed={isHeard}
      aria-label={t('sound_of', { who })}
      onClick={() => playback.hear(isHeard ? null : id)}
    >
      <span className="sound-mark" aria-hidden="true" />
      {t('sound')}
    </Button>
  )
}
