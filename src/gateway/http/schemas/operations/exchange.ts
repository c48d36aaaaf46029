import { z } from 'zod'
import { exchangeEndings, exchangeOperations } from '../../../domain/attempts/exchange.ts'
import { attemptStates } from '../../../domain/generation/generation.ts'
import type { StoredExchange } from '../../../ports/operations/exchange-store.ts'
import type { AttemptExchanges } from '../../../services/operations/attempts.ts'
import { exampleAttempt } from '../generations/attempt.ts'
import { timestamp, toTimestamp } from '../fields.ts'
import { shownWord } from '../shown-word.ts'

const ExchangeDto = z
  .object({
    operation: shownWord(exchangeOperations),
    at: timestamp.meta({ description: 'When the request was sent.' }),
    duration_ms: z.int(),
    method: z.string(),
    path: z.string().meta({
      description: 'Relative to the base URL of the upstream, or the full address of a downloaded file.',
    }),
    request: z.string().nullable().meta({
      description:
        'JSON or the fields of a form. Files and long base64 values are replaced by a description.',
    }),
    ending: shownWord(exchangeEndings).meta({
      description:
        '`not_sent`: nothing was sent. `no_answer`: the request may have been sent, but no complete response arrived.',
    }),
    reason: z.string().nullable().meta({ description: 'Why there is no response.' }),
    status: z.int().nullable(),
    headers: z.record(z.string(), z.string()).meta({ description: 'The response headers on an allow list.' }),
    body: z.string().nullable().meta({
      description: 'The decoded response body, without secrets. Files are not kept.',
    }),
    bytes: z.int().nullable().meta({ description: 'How many bytes of a file were read.' }),
    truncated: z.boolean().meta({ description: 'Whether the response was only partly read or kept.' }),
    repeated: z.int().meta({ description: 'How many identical responses followed directly.' }),
  })
  .meta({ id: 'Exchange', description: 'One request to an upstream and its response.' })

const AttemptExchangesDto = z
  .object({
    attempt: z.string(),
    upstream: z.string(),
    upstream_id: z.string().nullable(),
    state: shownWord(attemptStates),
    exchanges: z.array(ExchangeDto).meta({ description: 'Oldest first.' }),
  })
  .meta({ id: 'AttemptExchanges' })

export const ExchangesDto = z
  .object({
    data: z.array(AttemptExchangesDto).meta({ description: 'One entry per attempt, oldest first.' }),
  })
  .meta({
    id: 'Exchanges',
    description: 'The upstream responses for the attempts of one generation.',
    examples: [
      {
        data: [
          {
            attempt: exampleAttempt.id,
            upstream: 'reseller-a',
            upstream_id: null,
            state: 'unknown',
            exchanges: [
              {
                operation: 'create',
                at: '2026-11-22T15:04:05.200Z',
                duration_ms: 412,
                method: 'POST',
                path: '/sora/generate',
                request: '{"prompt":"[prompt]","duration":10}',
                ending: 'answered',
                reason: null,
                status: 200,
                headers: { 'content-type': 'text/html', 'cf-ray': '8f2c1d7e9a3b' },
                body: '<html>Just a moment…</html>',
                bytes: null,
                truncated: false,
                repeated: 0,
              },
            ],
          },
        ],
      },
    ],
  })

export type ExchangesDto = z.output<typeof ExchangesDto>

export function toExchangesDto(data: AttemptExchanges[]): ExchangesDto {
  return {
    data: data.map(({ attempt, exchanges }) => ({
      attempt: attempt.id,
      upstream: attempt.upstream,
      upstream_id: attempt.upstreamId,
      state: attempt.state,
      exchanges: exchanges.map(toExchangeDto),
    })),
  }
}

function toExchangeDto(exchange: StoredExchange): z.output<typeof ExchangeDto> {
  const { operation, method, path, request, ending, reason, status, headers, body, bytes, repeated } =
    exchange
  return {
    operation,
    at: toTimestamp(exchange.at),
    duration_ms: exchange.ms,
    method,
    path,
    request,
    ending,
    reason,
    status,
    headers,
    body,
    bytes,
    truncated: exchange.isCut,
    repeated,
  }
}
