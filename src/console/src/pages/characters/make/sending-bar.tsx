import { useFormat } from '../../../format/use-format.ts'
import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { characterWords } from '../words.ts'
import type { Progress } from './use-sending.ts'

/** How far an upload is, and the way to stop it. */
export function SendingBar({ progress, onStop }: { progress: Progress; onStop: () => void }) {
  const t = useWords(characterWords)
  const { bytes } = useFormat()
  const { done, all } = progress
  const isSent = all > 0 && done >= all
  return (
    <div className="sending">
      <progress aria-label={t('creating')} {...(all > 0 && !isSent && { value: done, max: all })} />
      <span className="small mute" role="status">
        {isSent ? t('checking') : t('uploading', { done: bytes(done), all: bytes(all) })}
      </span>
      <Button onClick={onStop}>{t('stop')}</Button>
    </div>
  )
}
