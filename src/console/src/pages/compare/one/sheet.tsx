import { useState } from 'react'
import { useCan } from '../../../session/use-can.ts'
import { Button } from '../../../ui/button.tsx'
import { Copy } from '../../../ui/copy.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failure } from '../../../ui/panel.tsx'
import { useWords } from '../../../words/language.tsx'
import { useEndLinks } from '../queries.ts'
import type { Comparison } from '../queries.ts'
import { compareWords } from '../words/words.ts'

/** The contact sheet: here, as a picture, and as a link for people without a key. */
export function Sheet({ comparison: { id, sheet_url: url } }: { comparison: Comparison }) {
  const t = useWords(compareWords)
  const canEnd = useCan('generate')
  const [isEnding, setEnding] = useState(false)
  return (
    <section className="compare-section" aria-labelledby="sheet-title">
      <h2 id="sheet-title">{t('sheet')}</h2>
      <div className="panel stack">
        <div className="row">
          <a className="button" href={`/comparisons/${id}/sheet`} target="_blank" rel="noreferrer">
            {t('sheet_open')}
          </a>
          <a className="button" href={`/comparisons/${id}/sheet.png`} download={`${id}.png`}>
            {t('sheet_png')}
          </a>
          <Copy text={url} label={t('sheet_copy')} />
          {canEnd && (
            <Button kind="quiet" className="small" onClick={() => setEnding(true)}>
              {t('end_links')}
            </Button>
          )}
        </div>
        <p className="small mute">{t('sheet_hint')}</p>
        <code className="sheet-link" tabIndex={0} role="textbox" aria-readonly="true" aria-label={t('sheet')}>
          {url}
        </code>
      </div>
      {isEnding && <EndLinks id={id} onClose={() => setEnding(false)} />}
    </section>
  )
}

function EndLinks({ id, onClose }: { id: string; onClose: () => void }) {
  const t = useWords(compareWords)
  const end = useEndLinks(id)
  return (
    <Dialog title={t('end_links_title')} onClose={onClose}>
      <p>{t('end_links_detail')}</p>
      {end.error !== null && <Failure error={end.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{t('keep')}</Button>
        <Button
          kind="danger"
          isBusy={end.isPending}
          onClick={() => end.mutate(undefined, { onSuccess: onClose })}
        >
          {t('end_links')}
        </Button>
      </div>
    </Dialog>
  )
}
