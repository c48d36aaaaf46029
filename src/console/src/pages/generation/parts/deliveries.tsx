import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../../../api/client.ts'
import type { Schemas } from '../../../api/client.ts'
import { useFormat } from '../../../format/use-format.ts'
import { useCan } from '../../../session/use-can.ts'
import { Button } from '../../../ui/button.tsx'
import { Failure, Loaded } from '../../../ui/panel.tsx'
import { Pill } from '../../../ui/pill.tsx'
import type { GlyphName } from '../../../ui/glyphs.tsx'
import type { Tone } from '../../../ui/pill.tsx'
import { useWords } from '../../../words/language.tsx'
import { useDeliveries } from '../queries.ts'
import type { Generation } from '../queries.ts'
import { generationWords } from '../words.ts'

type Delivery = Schemas['Delivery']

const looks: Record<Delivery['state'], { glyph: GlyphName; tone: Tone }> = {
  pending: { glyph: 'clock', tone: 'off' },
  delivered: { glyph: 'tick', tone: 'ok' },
  failed: { glyph: 'cross', tone: 'bad' },
  disabled: { glyph: 'dash', tone: 'off' },
}

export function Deliveries({ generation }: { generation: Generation }) {
  const t = useWords(generationWords)
  const query = useDeliveries(generation)
  return (
    <section aria-labelledby="deliveries-title">
      <h2 id="deliveries-title">{t('deliveries')}</h2>
      <Loaded query={query} bones={2}>
        {({ data }) =>
          data.length === 0 ? (
            <p className="mute">{t('no_deliveries')}</p>
          ) : (
            <div className="panel panel-flush">
              <div className="scroll" tabIndex={0} role="group" aria-label={t('deliveries')}>
                <DeliveryTable deliveries={data} />
              </div>
            </div>
          )
        }
      </Loaded>
    </section>
  )
}

function DeliveryTable({ deliveries }: { deliveries: readonly Delivery[] }) {
  const t = useWords(generationWords)
  const mayAct = useCan('generate', 'operate')
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">{t('column_event')}</th>
          <th scope="col">{t('column_state')}</th>
          <th scope="col">{t('column_receiver')}</th>
          <th scope="col">{t('column_tries')}</th>
          {mayAct && (
            <th scope="col">
              <span className="visually-hidden">{t('actions')}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {deliveries.map((delivery) => (
          <DeliveryRow key={delivery.id} delivery={delivery} mayAct={mayAct} />
        ))}
      </tbody>
    </table>
  )
}

function DeliveryRow({ delivery, mayAct }: { delivery: Delivery; mayAct: boolean }) {
  const t = useWords(generationWords)
  const format = useFormat()
  const { type, state, url, tries } = delivery
  const last = tries.at(-1)
  return (
    <tr>
      <td>
        <code>{type}</code>
      </td>
      <td>
        <Pill {...looks[state]} text={t(`delivery_${state}`)} />
      </td>
      <td>
        <code>{url}</code>
      </td>
      <td>
        {format.number(tries.length)}
        {last !== undefined && (
          <span className="small mute"> · {t('last_try', { said: last.message ?? `${last.status}` })}</span>
        )}
      </td>
      {mayAct && (
        <td className="figure">
          <SendAgain delivery={delivery} />
        </td>
      )}
    </tr>
  )
}

function SendAgain({ delivery: { id, type, generation_id: generation } }: { delivery: Delivery }) {
  const t = useWords(generationWords)
  const client = useQueryClient()
  const sending = useMutation({
    mutationFn: () => bodyOf(api.POST('/deliveries/{id}/redeliver', { params: { path: { id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['generation', generation, 'deliveries'] }),
  })
  return (
    <>
      <Button className="small" isBusy={sending.isPending} onClick={() => sending.mutate()}>
        {sending.isSuccess ? t('sent_again') : t('send_again')}
        <span className="visually-hidden"> {type}</span>
      </Button>
      {sending.error !== null && <Failure error={sending.error} />}
    </>
  )
}
