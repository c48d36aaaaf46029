import { useMutation } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'
import type { Schemas } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Failure } from '../../ui/panel.tsx'
import { Pill } from '../../ui/pill.tsx'
import { coreWords } from '../../words/core.ts'
import { useWords } from '../../words/language.tsx'
import type { DialogProps } from './action.ts'
import { JobsThere } from './jobs-there.tsx'
import { upstreamWords } from './words.ts'

type Probe = Schemas['Probe']

const operations = { list: 'probe_jobs', models: 'probe_models', balance: 'probe_balance' } as const

/** Asks the upstream how it is, and shows what each call said. */
export function ProbeDialog({ upstream: { id }, onClose }: DialogProps) {
  const t = useWords(upstreamWords)
  const core = useWords(coreWords)
  const mutation = useMutation({
    mutationFn: () => bodyOf(api.POST('/upstreams/{id}/probe', { params: { path: { id } } })),
  })
  return (
    <Dialog title={t('probe_title', { id })} onClose={onClose}>
      <JobsThere id={id} />
      <p>{t('probe_detail')}</p>
      {mutation.error !== null && <Failure error={mutation.error} />}
      <div role="status">{mutation.data !== undefined && <Said probe={mutation.data} />}</div>
      <div className="dialog-actions">
        <Button onClick={onClose}>{core('close')}</Button>
        <Button kind="primary" isBusy={mutation.isPending} onClick={() => mutation.mutate()}>
          {t('do_probe')}
        </Button>
      </div>
    </Dialog>
  )
}

function Said({ probe: { calls, missing_models: missing } }: { probe: Probe }) {
  const t = useWords(upstreamWords)
  if (calls.length === 0) return <p>{t('probe_nothing')}</p>
  return (
    <ul className="probe">
      {calls.map(({ operation, status, message, milliseconds, balance }) => (
        <li key={operation} className="stack-tight">
          <span className="row">
            <Pill
              glyph={status === 'ok' ? 'tick' : 'cross'}
              tone={status === 'ok' ? 'ok' : 'bad'}
              text={t(`probe_${status}`)}
            />
            {t('probe_line', { operation: t(operations[operation]), ms: milliseconds })}
            {balance !== null && (
              <strong>
                {balance.amount} {balance.unit}
              </strong>
            )}
          </span>
          {message !== null && <span className="small">{message}</span>}
        </li>
      ))}
      {missing !== null && missing.length > 0 && (
        <li className="tone-warn">{t('probe_missing', { models: missing.join(', ') })}</li>
      )}
    </ul>
  )
}
