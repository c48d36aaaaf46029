import type { Explanation } from './explanation.ts'

/** Problems of the moment: the same request may succeed later. */
export const busyGateway = {
  request_timeout: {
    meaning: 'The request did not arrive completely in time. Nothing was stored.',
    whatToDo: ['Send it again. For large files over a slow line, let the gateway fetch them from a URL.'],
    example: { detail: 'The complete request was not received in time. Send it again.' },
  },
  rate_limited: {
    meaning:
      'The key, the link or the address has sent as many requests as it may per minute, or too many unknown keys came from this address.',
    whatToDo: [
      'Wait for the seconds in `Retry-After`. The headers `RateLimit` and `RateLimit-Policy` show what is left, also in other answers.',
      'Follow generations with an event stream or a webhook instead of polling.',
      'An administrator changes the limit of a key with `PATCH /keys/{id}`.',
    ],
    example: {
      detail: 'The limit of this key is 60 requests per minute. Retry after the time in Retry-After.',
    },
  },
  too_many_in_flight: {
    meaning: 'The key has as many unfinished generations, open streams or waiting calls as it may.',
    whatToDo: [
      'Wait until a generation ends, or cancel one. Close streams that nobody reads.',
      'An administrator changes `max_in_flight` of a key with `PATCH /keys/{id}`.',
    ],
    example: {
      detail: 'This key has 8 generations in flight, which is its limit. Wait until one ends.',
    },
  },
  overloaded: {
    meaning:
      'The gateway has more work than it can do at the moment, or is shutting down. The request was not begun.',
    whatToDo: [
      'Send it again after `Retry-After`, with the same `Idempotency-Key` where it has one, and with growing pauses.',
      'Operators: see `GET /metrics`, and SCALE.md for how to serve more.',
    ],
    example: { detail: 'The gateway is overloaded. Try again later.' },
  },
  storage_unavailable: {
    meaning:
      'The database or the storage of media does not respond. Usually nothing was stored; where that is not certain, `detail` says so.',
    whatToDo: [
      'Repeat the request later with the same `Idempotency-Key`: it is never done twice.',
      'Operators: `GET /health/ready` names the part that fails.',
    ],
    example: {
      detail:
        'The database does not respond. Repeat the request later, with the same Idempotency-Key where it has one.',
    },
  },
  storage_full: {
    meaning: 'The disk of the gateway, or its archive, is full. Nothing was stored.',
    whatToDo: [
      'Try again later, and tell the operator.',
      'Operators: free space, or shorten the retention of videos. What was accepted is kept and continues then.',
    ],
    example: { detail: 'The archive is full. Nothing was stored. Try again later.' },
  },
  internal: {
    meaning: 'A fault of the gateway. What it was is in its log and not in the answer.',
    whatToDo: [
      'Look at the object before you repeat the request; with the same `Idempotency-Key` it is safe to repeat.',
      'Tell the operator the `request_id`, by which the log entry is found.',
    ],
    example: { detail: 'An internal error occurred. Search the gateway log for the request ID.' },
  },
} as const satisfies Record<string, Explanation>
