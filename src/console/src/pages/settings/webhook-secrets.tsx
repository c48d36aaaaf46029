import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { useFormat } from '../../format/use-format.ts'
import { useCan } from '../../session/use-can.ts'
import { Button } from '../../ui/button.tsx'
import { Empty, Failure, Loaded } from '../../ui/panel.tsx'
import { SecretDialog } from '../../ui/secret-dialog.tsx'
import { useWords } from '../../words/language.tsx'
import { Confirm } from './confirm.tsx'
import { Part } from './part.tsx'
import { webhookSecretsQuery } from './queries.ts'
import type { WebhookSecret } from './queries.ts'
import { settingsWords } from './words.ts'

/** How long earlier secrets sign beside a new one: a day to change the receiver. */
const keptSeconds = 86_400

/** What webhooks of the tenant are signed with. */
export function WebhookSecrets() {
  const t = useWords(settingsWords)
  const mayMake = useCan('generate')
  const cache = useQueryClient()
  const query = useQuery(webhookSecretsQuery)
  const again = () => cache.invalidateQueries({ queryKey: webhookSecretsQuery.queryKey })
  const make = useMutation({
    mutationFn: () => bodyOf(api.POST('/webhook-secrets', { body: { keep_others_seconds: keptSeconds } })),
    onSuccess: again,
  })
  const [ending, setEnding] = useState<WebhookSecret | null>(null)
  return (
    <Part
      title={t('secrets_title')}
      detail={t('secrets_detail')}
      more={
        mayMake && (
          <Button isBusy={make.isPending} onClick={() => make.mutate()}>
            {t('make_secret')}
          </Button>
        )
      }
    >
      {make.error !== null && <Failure error={make.error} />}
      <div className="panel panel-flush">
        <Loaded query={query} bones={2}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title={t('no_secrets')}>
                <p className="mute">{t('no_secrets_detail')}</p>
              </Empty>
            ) : (
              <SecretTable secrets={data} mayEnd={mayMake} onEnd={setEnding} />
            )
          }
        </Loaded>
      </div>
      {make.data !== undefined && (
        <SecretDialog
          title={t('made_title')}
          detail={t('made_detail')}
          secret={make.data.secret}
          onTaken={() => make.reset()}
        />
      )}
      {ending !== null && (
        <Confirm
          title={t('end_secret_title')}
          detail={t('end_secret_detail', { id: ending.id })}
          act={t('end')}
          onAct={async () => {
            await api.DELETE('/webhook-secrets/{id}', { params: { path: { id: ending.id } } })
            await again()
          }}
          onClose={() => setEnding(null)}
        />
      )}
    </Part>
  )
}

interface TableProps {
  secrets: WebhookSecret[]
  mayEnd: boolean
  onEnd: (secret: WebhookSecret) => void
}

function SecretTable({ secrets, mayEnd, onEnd }: TableProps) {
  const t = useWords(settingsWords)
  const format = useFormat()
  return (
    <div className="scroll" tabIndex={0} role="group" aria-label={t('secrets_title')}>
      <table className="table settings-table">
        <thead>
          <tr>
            <th scope="col">{t('secret_id')}</th>
            <th scope="col">{t('made_at')}</th>
            <th scope="col">{t('ends_at')}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {secrets.map((secret) => (
            <tr key={secret.id}>
              <td className="mono">{secret.id}</td>
              <td>{format.instant(secret.created_at)}</td>
              <td>{secret.expires_at === null ? t('never') : format.instant(secret.expires_at)}</td>
              <td className="figure">
                {mayEnd && (
                  <Button aria-label={t('end_secret', { id: secret.id })} onClick={() => onEnd(secret)}>
                    {t('end')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
