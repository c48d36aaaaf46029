import t from 'tap'
import { DeliveryPage } from '../../src/gateway/http/schemas/webhooks/delivery.ts'
import {
  MadeWebhookSecretDto,
  WebhookSecretList,
} from '../../src/gateway/http/schemas/webhooks/webhook-secret.ts'
import { deliveryId, generationId, webhookSecretId } from './samples.ts'
import { asMaker, createStubs, keys, serve } from './stub-services.ts'

const asReader = { authorization: `Bearer ${keys.reader}` }

t.test('what a webhook was told is listed, with every try', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const answer = await app.inject({
    url: `/generations/${generationId}/deliveries?limit=1`,
    headers: asReader,
  })
  t.equal(answer.statusCode, 200)
  t.strictSame(DeliveryPage.parse(answer.json()), answer.json())
  t.match(answer.json(), {
    has_more: true,
    next_cursor: deliveryId,
    data: [
      {
        id: deliveryId,
        state: 'pending',
        tries: [{ at: '2026-11-22T15:04:05.010Z', ms: 81, status: 503 }],
        next_try_at: '2026-11-22T15:04:10.091Z',
      },
    ],
  })
  await app.inject({
    url: `/generations/${generationId}/deliveries?cursor=${deliveryId}`,
    headers: asReader,
  })
  t.strictSame(stubs.seen.calls, [
    `deliveries ${generationId} {"before":null,"limit":1}`,
    `deliveries ${generationId} {"before":"${deliveryId}","limit":20}`,
  ])
})

t.test('sending again takes a key that may generate, and no body', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const again = { method: 'POST', url: `/deliveries/${deliveryId}/redeliver` } as const
  const answer = await app.inject({ ...again, headers: asMaker })
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { id: deliveryId, object: 'delivery' })
  t.equal((await app.inject({ ...again, headers: asReader })).statusCode, 403)
  t.equal((await app.inject(again)).statusCode, 401)
  t.strictSame(stubs.seen.calls, [`redeliver ${deliveryId}`])
})

t.test('a secret is told once, when it is made', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const made = await app.inject({ method: 'POST', url: '/webhook-secrets', headers: asMaker })
  t.equal(made.statusCode, 201)
  t.strictSame(MadeWebhookSecretDto.parse(made.json()), made.json())
  t.match(made.json(), { id: webhookSecretId, secret: 'whsec_c2VjcmV0' })
  t.equal(made.headers['cache-control'], 'no-store')
  const payload = { keep_others_seconds: 0.5 }
  await app.inject({ method: 'POST', url: '/webhook-secrets', headers: asMaker, payload })
  const listed = await app.inject({ url: '/webhook-secrets', headers: asMaker })
  t.strictSame(WebhookSecretList.parse(listed.json()), listed.json())
  t.notMatch(listed.body, /whsec_/)
  const gone = { method: 'DELETE', url: `/webhook-secrets/${webhookSecretId}` } as const
  t.equal((await app.inject({ ...gone, headers: asMaker })).statusCode, 204)
  t.equal((await app.inject({ ...gone, headers: asReader })).statusCode, 403)
  t.strictSame(stubs.seen.calls, [
    'makeSecret 86400000',
    'makeSecret 500',
    'secrets',
    `removeSecret ${webhookSecretId}`,
  ])
})

t.test('odd ids, cursors and bodies are refused before anything is done', async (t) => {
  const stubs = createStubs()
  const app = await serve(t, stubs)
  const headers = asMaker
  const asked = [
    [404, { method: 'POST', url: '/deliveries/dlv_1/redeliver', headers }],
    [404, { method: 'DELETE', url: '/webhook-secrets/wsec_1', headers }],
    [404, { url: '/generations/gen_1/deliveries', headers }],
    [400, { url: `/generations/${generationId}/deliveries?cursor=dlv_1`, headers }],
    [400, { method: 'POST', url: '/webhook-secrets', headers, payload: { keep_others_seconds: -1 } }],
    [400, { method: 'POST', url: '/webhook-secrets', headers, payload: { secret: 'mine' } }],
    [
      400,
      {
        method: 'POST',
        url: '/generate',
        headers,
        payload: { prompt: 'a', webhook_url: 'https://a.example', webhook_events: ['attempt.progress'] },
      },
    ],
  ] as const
  for (const [status, request] of asked) {
    t.equal((await app.inject(request)).statusCode, status, request.url)
  }
  t.strictSame(stubs.seen.calls, [])
})
