import { useLanguage, useWords } from '../words/language.tsx'
import { useKeys } from '../keyboard/use-keys.ts'
import { liveState, toggleLive, useLive } from './live-state.ts'
import { liveWords } from './words/words.ts'

/** Whether updates come by themselves, and since when they do not; a press or `l` switches them. */
export function LiveNote() {
  const t = useWords(liveWords)
  const { language } = useLanguage()
  const mode = useLive()
  useKeys({ l: toggleLive })
  const { lastAt } = liveState()
  const time =
    lastAt === null ? null : new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(lastAt)
  const text = mode === 'paused' && time !== null ? t('paused_since', { time }) : t(mode)
  return (
    <button
      type="button"
      className={`live-note live-${mode}`}
      aria-pressed={mode !== 'off'}
      title={mode === 'off' ? t('switch_on') : t('switch_off')}
      onClick={toggleLive}
    >
      <span className="live-dot" aria-hidden="true" />
      <span role="status">{text}</span>
    </button>
  )
}
