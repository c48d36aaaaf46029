import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'

interface Props {
  title: string
  /** What follows. */
  children: ReactNode
  /** The words of the button that does it. */
  act: string
  onAct: () => Promise<unknown>
  onClose: () => void
  onDone: () => void
}

/** Asks before something is done to an upstream or to all of them, and reads upstreams again after it. */
export function ConfirmDialog({ title, children, act, onAct, onClose, onDone }: Props) {
  const core = useWords(coreWords)
  const client = useQueryClient()
  const mutation = useMutation({
    mutationFn: onAct,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['upstreams'] })
      onDone()
    },
  })
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {mutation.error !== null && <Failure error={mutation.error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{core('close')}</Button>
        <Button kind="primary" isBusy={mutation.isPending} onClick={() => mutation.mutate()}>
          {act}
        </Button>
      </div>
    </Dialog>
  )
}
