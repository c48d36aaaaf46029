import { useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useWords } from '../../words/language.tsx'
import type { MadeWebhookSecret } from './queries.ts'
import { settingsWords } from './words.ts'

/** Shown once, so the dialog can only be left by saying that it was taken. */
export function NewSecret({ made, onTaken }: { made: MadeWebhookSecret; onTaken: () => void }) {
  const t = useWords(settingsWords)
  const id = useId()
  return (
    <Dialog title={t('made_title')}>
      <p>{t('made_detail')}</p>
      <label className="field" htmlFor={id}>
        <span className="field-label">{t('secret')}</span>
        <input
          id={id}
          className="mono"
          readOnly
          value={made.secret}
          autoComplete="off"
          spellCheck={false}
          onFocus={({ target }) => target.select()}
        />
      </label>
      <div className="dialog-actions">
        <Copy text={made.secret} />
        <Button kind="primary" onClick={onTaken}>
          {t('secret_taken')}
        </Button>
      </div>
    </Dialog>
  )
}
