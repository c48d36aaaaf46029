import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'

interface Props {
  title: string
  detail: string
  /** What the button says that does it. */
  act: string
  onAct: () => Promise<unknown>
  onClose: () => void
}

/** Says what will happen, and does it. It stays open with the reason if it could not be done. */
export function Confirm({ title, detail, act, onAct, onClose }: Props) {
  const core = useWords(coreWords)
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Error | null>(null)
  async function go() {
    setBusy(true)
    setFault(null)
    try {
      await onAct()
      onClose()
    } catch (error) {
      setFault(error instanceof Error ? error : new Error(String(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{detail}</p>
      {fault !== null && <Failure error={fault} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{core('cancel')}</Button>
        <Button kind="danger" isBusy={isBusy} onClick={() => void go()}>
          {act}
        </Button>
      </div>
    </Dialog>
  )
}
