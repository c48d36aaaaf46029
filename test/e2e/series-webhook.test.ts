import t from 'tap'
import { isVerified, startReceiver } from './receiver.ts'
import { finishedSeries, makeSeries, startGateway } from './series-stage.ts'

t.test(
  'the end of a series is told once, signed, and again when it ends after a retry; its scenes are not',
  async (t) => {
    const gateway = await startGateway(t)
    const receiver = await startReceiver(t)
    const secret = (await gateway.call('POST', '/webhook-secrets', {})).body.secret
    gateway.simulator.control.setFaults('reseller', [{ kind: 'fails_late', times: 1 }])
    const { id } = await makeSeries(gateway, {
      settings: { routing: { upstreams: ['reseller'] } },
      scenes: [{ prompt: 'a mill' }, { prompt: 'a mill at night' }],
      webhook_url: receiver.url,
    })
    t.match(await finishedSeries(gateway, id), { status: 'failed' })
    await gateway.advance(0)
    t.equal(receiver.messages.length, 1)
    const [message] = receiver.messages
    if (message === undefined) return
    t.match(message.body, { type: 'series.failed', data: { series_id: id, status: 'failed' } })
    t.ok(isVerified(secret, message, gateway.now()))

    await gateway.call('POST', `/series/${id}/retry`, {})
    t.match(await finishedSeries(gateway, id), { status: 'completed' })
    await gateway.advance(0)
    t.same(
      receiver.messages.map(({ body }) => body.type),
      ['series.failed', 'series.completed'],
    )
    const again = await gateway.call('POST', `/deliveries/${message.id}/redeliver`)
    t.match(again, { status: 202, body: { series_id: id, generation_id: null, type: 'series.failed' } })
    await gateway.advance(0)
    t.equal(receiver.messages.length, 3)
    t.equal(receiver.messages[2]?.id, message.id)
    t.equal((await gateway.call('DELETE', `/series/${id}`)).status, 204)
    t.equal((await gateway.call('POST', `/deliveries/${message.id}/redeliver`)).status, 404)
  },
)

t.test('a message that is not taken is sent again, after a restart as well', async (t) => {
  const gateway = await startGateway(t)
  const receiver = await startReceiver(t)
  await gateway.call('POST', '/webhook-secrets', {})
  receiver.respond = () => 503
  const made = await makeSeries(gateway, { scenes: [{ prompt: 'a mill' }], webhook_url: receiver.url })
  await gateway.call('POST', `/series/${made.id}/cancel`)
  t.match(await finishedSeries(gateway, made.id), { status: 'cancelled' })
  await gateway.advance(0)
  t.ok(receiver.messages.length > 0)
  receiver.respond = () => 204
  await gateway.restart(60_000)
  await gateway.advance(60_000)
  t.match(receiver.messages.at(-1)?.body, { type: 'series.cancelled', data: { series_id: made.id } })
  const { length } = receiver.messages
  await gateway.advance(3_600_000)
  t.equal(receiver.messages.length, length, 'and not once it was taken')
})
