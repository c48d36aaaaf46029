import { z } from 'zod'
import { exampleGenerationId, generationId, seriesId, timestamp } from '../fields.ts'

/** The streams that a ticket can be for. */
export const streamPath = z
  .union(
    [
      z.literal('/events'),
      z.templateLiteral(['/generations/', generationId, '/events']),
      z.templateLiteral(['/series/', seriesId, '/events']),
    ],
    'must be /events, /generations/{id}/events or /series/{id}/events',
  )
  .meta({ description: 'The stream, as a path without a query.' })

export const EventTicketRequest = z.strictObject({ path: streamPath }).meta({
  id: 'EventTicketRequest',
  description: 'Which event stream the ticket is for.',
  examples: [{ path: '/events' }, { path: `/generations/${exampleGenerationId}/events` }],
})

export const EventTicketDto = z
  .object({
    object: z.literal('event_ticket').meta({ description: 'What this is.' }),
    url: z.string().meta({
      description: 'The stream with the ticket, relative to this server, for `new EventSource(url)`.',
    }),
    ticket: z
      .string()
      .meta({ description: 'The value of the parameter `ticket` alone, to put other parameters beside it.' }),
    expires_at: timestamp.meta({
      description: 'Until when the stream can be opened or resumed with it. A stream that is open goes on.',
    }),
  })
  .meta({
    id: 'EventTicket',
    description: 'What opens one event stream without an API key.',
    examples: [
      {
        object: 'event_ticket',
        url: '/events?ticket=WyJrZXlfMDFr.c2lnbmF0dXJl',
        ticket: 'WyJrZXlfMDFr.c2lnbmF0dXJl',
        expires_at: '2026-11-22T15:05:05.000Z',
      },
    ],
  })

export type EventTicketDto = z.output<typeof EventTicketDto>
