import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/panel.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'

interface Props<Answer> {
  title: string
  children: ReactNode
  /** The words of the button that does it. */
  act: string
  isDanger?: boolean
  /** Whether what is typed can be sent. */
  isReady?: boolean
  onAct: () => Promise<Answer>
  onClose: () => void
  onDone: (answer: Answer) => void
}

/** A form in a dialog; keys and tenants are read again once it is done. */
export function KeyForm<Answer>(props: Props<Answer>) {
  const { title, children, act, isDanger = false, isReady = true, onAct, onClose, onDone } = props
  const core = useWords(coreWords)
  const client = useQueryClient()
  const mutation = useMutation({
    mutationFn: onAct,
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['keys'] })
      void client.invalidateQueries({ queryKey: ['tenants'] })
      onDone(answer)
    },
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !mutation.isPending) mutation.mutate()
        }}
      >
        {children}
        {mutation.error !== null && <Failure error={mutation.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>{core('cancel')}</Button>
          <Button
            type="submit"
            kind={isDanger ? 'danger' : 'primary'}
            isBusy={mutation.isPending}
            disabled={!isReady}
          >
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
