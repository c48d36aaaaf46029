import type { Explanation } from './explanation.ts'

/** Problems of who asks, of limits, and of the state that things are in. */
export const refusedRequests = {
  unauthorized: {
    meaning:
      'The request has no API key, or one that this gateway does not know, or that was revoked or has expired. For a webhook of a vendor: its signature is not valid.',
    whatToDo: [
      'Send `Authorization: Bearer <key>` with a key of this gateway, not of a vendor.',
      'Ask an administrator for a new key if yours has ended. `POST /keys` makes one.',
    ],
    example: { detail: 'Send an API key of this gateway as `Authorization: Bearer <key>`.' },
  },
  forbidden: {
    meaning: 'The key is valid, but its scopes do not allow this operation.',
    whatToDo: [
      'Use a key with the scope that `detail` names. `GET /keys/me` shows the scopes of a key.',
      'An administrator changes scopes with `PATCH /keys/{id}`.',
    ],
    example: { detail: 'This operation requires an API key with the scope admin.' },
  },
  cross_site: {
    meaning:
      'A browser that is signed in to the console sent a request that changes something from a page of another site.',
    whatToDo: [
      'Open the console at its own address.',
      'Behind a proxy, set `server.public_url` or `server.trust_proxy`, so that the gateway knows its own address.',
      'Programs send an API key instead of the cookie.',
    ],
    example: {
      detail:
        'With a session, requests that change something must come from a page of this server. Behind a proxy, set server.public_url, or server.trust_proxy. Programs send an API key instead.',
    },
  },
  budget_exceeded: {
    meaning:
      'What the request may cost at worst is more than what is left of the monthly budget of the key or of its tenant. Nothing was sent to an upstream. `budget` says whose budget it is.',
    whatToDo: [
      'Preview the cost with `POST /route`, and ask for something cheaper: fewer seconds, `routing.priority: cost`, or no fallback.',
      'Ask an administrator to raise the budget with `PATCH /keys/{id}` or `PATCH /tenants/{name}`, or wait for the next month (UTC). `GET /keys/me` shows what is left.',
    ],
    example: {
      detail:
        'The worst-case cost of this request exceeds what is left of the monthly budget of the key studio. Ask an administrator to raise it, or wait for the next month.',
      extra: { budget: 'key' },
    },
  },
  over_max_cost: {
    meaning: 'The work may cost more than the `max_cost_usd` that was given with it. Nothing was sent.',
    whatToDo: ['Raise `max_cost_usd`, or ask for less. The answer has the amount that is needed.'],
    example: {
      detail: 'The first scene costs at least $0.12, which exceeds max_cost_usd, $0.05.',
      faults: [{ pointer: '/max_cost_usd', detail: 'is less than the first scene costs, $0.12' }],
      extra: { max_cost_usd: 0.05, first_scene_cost_usd: 0.12 },
    },
  },
  no_upstream: {
    meaning:
      'None of the configured upstreams can take this request with this key. `excluded` has the reason of each. Nothing was sent.',
    whatToDo: [
      'Read `excluded`, and change what stands in the way: model, duration, size, an input, or the restrictions in `routing`.',
      '`GET /models` lists what this key may ask for, and `POST /route` tries a request without sending it.',
    ],
    example: {
      detail: 'No configured upstream can serve this request.',
      extra: {
        excluded: [
          { upstream: 'openai', code: 'model_unsupported', detail: 'It does not offer sora-3.' },
          { upstream: 'reseller', code: 'disabled', detail: 'The upstream is disabled.' },
        ],
      },
    },
  },
  name_taken: {
    meaning: 'Another object of this kind already has the name. Nothing was stored.',
    whatToDo: ['Choose another name, or use the object that has it.'],
    example: {
      detail: 'A character named coffee_girl already exists. Choose another name.',
      faults: [
        { pointer: '/name', detail: 'A character named coffee_girl already exists. Choose another name.' },
      ],
    },
  },
  conflict: {
    meaning:
      'What the request wants does not fit the state that the object is in, as `detail` says. Nothing was changed.',
    whatToDo: [
      'Get the object, look at its state, and decide again.',
      'Where `detail` says that the object is being changed, send the request again.',
      'After a deletion, a repeated `Idempotency-Key` makes nothing again: use a new key for a new object.',
    ],
    example: { detail: 'This series is in progress. Cancel it before you delete it.' },
  },
  idempotency_in_progress: {
    meaning: 'A request with the same `Idempotency-Key` is being worked on, so this one was not begun.',
    whatToDo: [
      'Repeat the same request with the same key after `Retry-After`. It then gets the answer of the first one.',
    ],
    example: { detail: 'A request with this Idempotency-Key is still in progress. Try again later.' },
  },
  idempotency_key_reused: {
    meaning:
      'The `Idempotency-Key` was used in the last 24 hours for a request with another path or body. Nothing was done.',
    whatToDo: [
      'Use a new key, such as a random UUID, for each new piece of work.',
      'For a retry, send exactly the same body as the first time.',
    ],
    example: {
      detail: 'This Idempotency-Key was used for a different request. Use a new key.',
      faults: [
        { pointer: '#/headers/idempotency-key', detail: 'was used for a different request; use a new key' },
      ],
    },
  },
  video_not_ready: {
    meaning: 'The video does not exist yet: its generation is not completed.',
    whatToDo: [
      'Wait with `GET /generations/{id}?wait=30`, follow `GET /generations/{id}/events`, or use a webhook.',
      'If the generation has failed or was cancelled, there will be no video. Its `error` says why.',
    ],
    example: { detail: 'The video is not ready: the generation is in_progress. Try again later.' },
  },
  video_gone: {
    meaning:
      'The file was removed from the archive, by the retention that is configured or by hand. It does not come back.',
    whatToDo: [
      'Render the video again with a new `POST /generate`.',
      'Download videos earlier, or ask an operator for a longer `media.retention_days`.',
    ],
    example: { detail: 'The video was removed from the archive.' },
  },
  paused: {
    meaning: 'An operator has paused submissions, to one upstream or to all. Nothing was sent.',
    whatToDo: [
      'Wait until submissions are resumed. The reason is in `detail`; `GET /upstreams` shows pauses and their ends.',
      'Operators resume with `POST /upstreams/{id}/resume` or `POST /operations/resume`.',
    ],
    example: { detail: 'The upstream is paused: price change' },
  },
  two_bills_possible: {
    meaning:
      'Sending the generation again may have to be paid twice, because the outcome of its first job is still unknown. Nothing was sent.',
    whatToDo: [
      'Look for the first job at its vendor, and resolve the attempt with `POST /attempts/{id}/resolve`.',
      'To accept both bills, repeat the request with `"accept_two_bills": true`.',
    ],
    example: {
      detail:
        'reseller may still charge up to 0.12 USD for the first job, and openai would charge up to 1.2 USD for a second one. To accept both bills, repeat the request with "accept_two_bills": true.',
      faults: [{ pointer: '/accept_two_bills', detail: 'must be true to accept both bills' }],
      extra: {
        attempt: 'att_01kasp3v5tq8c9d4wz7m2n6xhr',
        first_bill: { upstream: 'reseller', usd: 0.12 },
        second_bill: { upstream: 'openai', usd: 1.2 },
      },
    },
  },
  held_after_restore: {
    meaning:
      'The gateway was restored from a backup. Jobs may run that the backup does not know, so nothing that may cost money is sent before an operator has looked.',
    whatToDo: [
      'Operators: read `GET /operations/restore`, then release with `POST /operations/release`.',
      'Everybody else: try again later.',
    ],
    example: {
      detail:
        'The gateway was restored from a backup. Nothing is sent again before POST /operations/release.',
    },
  },
  job_not_found: {
    meaning: 'The upstream does not know the job that was named for this attempt.',
    whatToDo: [
      'Copy the ID of the job from the console of the vendor, for the account that this upstream is configured with.',
      'If the vendor has no such job, resolve the attempt as not accepted.',
    ],
    example: {
      detail: 'reseller does not know this job: task not exist',
      faults: [{ pointer: '/upstream_id', detail: 'is not a job of this upstream' }],
    },
  },
} as const satisfies Record<string, Explanation>
