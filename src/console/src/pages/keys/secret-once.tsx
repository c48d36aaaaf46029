import { useId } from 'react'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useWords } from '../../words/language.tsx'
import type { MadeKey } from './queries.ts'
import { keyWords } from './words.ts'

/** A new secret. It is not kept anywhere, so the dialog can only be left by saying that it was taken. */
export function SecretOnce({ made, onTaken }: { made: MadeKey; onTaken: () => void }) {
  const t = useWords(keyWords)
  const id = useId()
  return (
    <Dialog title={t('secret_title', { name: made.name })}>
      <p>{t('secret_detail')}</p>
      <label className="field" htmlFor={id}>
        <span className="field-label">{t('secret_label')}</span>
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
