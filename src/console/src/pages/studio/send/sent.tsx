import { Button } from '../../../ui/button.tsx'
import { useWords } from '../../../words/language.tsx'
import { studioWords } from '../words.ts'

/** Says that everything was accepted; the scenes can be taken up again. */
export function Sent({
  isSeries,
  count,
  onBringBack,
}: {
  isSeries: boolean
  count: number
  onBringBack: (() => void) | null
}) {
  const t = useWords(studioWords)
  return (
    <p className="row small">
      {isSeries ? t('sent_series') : t('sent_many', { n: count })}
      {onBringBack !== null && (
        <Button className="small" onClick={onBringBack}>
          {t('bring_back')}
        </Button>
      )}
    </p>
  )
}
