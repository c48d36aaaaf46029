import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import type { Client } from '../../../domain/accounts/client.ts'
import { isGenerationId, isSeriesId } from '../../../domain/ids.ts'
import { Problem } from '../../../domain/problem.ts'
import type { EventTickets } from '../../../services/accounts/event-tickets.ts'
import type { GenerationViews } from '../../../services/generations/generation-views.ts'
import type { GenerationService } from '../../../services/generations/generations.ts'
import type { SeriesService } from '../../../services/series/series.ts'
import { clientOf, scopesFor } from '../../access.ts'
import type { KeyedAccess } from '../../access.ts'
import { parse } from '../../requests/validation.ts'
import { EventTicketDto, EventTicketRequest } from '../../schemas/operations/event-ticket.ts'
import { answer, keyed, problems, unreadableBody } from '../../schemas/problem.ts'
import { toTimestamp } from '../../schemas/fields.ts'

interface Deps {
  eventTickets: EventTickets
  generations: GenerationService
  views: GenerationViews
  series: SeriesService
}

function checkScopes(client: Client, access: KeyedAccess): void {
  const enough = scopesFor[access]
  if (enough.some((scope) => client.scopes.includes(scope))) return
  throw new Problem('forbidden', `This stream requires an API key with the scope ${enough.join(' or ')}.`)
}

/** Throws what opening the stream would be answered with: an `EventSource` tells a page nothing but that it failed. */
async function checkStream(
  { generations, views, series }: Deps,
  client: Client,
  path: string,
): Promise<void> {
  const [, , id = ''] = path.split('/')
  if (isGenerationId(id)) {
    checkScopes(client, 'view')
    const { as } = await views.open(client, id, 'events')
    await generations.get(as, id)
  } else if (isSeriesId(id)) {
    checkScopes(client, 'read')
    await series.get(client, id)
  }
}

/** Tickets for event streams, because the `EventSource` of a browser sends no API key. */
export const eventTicketsRoutes: FastifyPluginAsyncZod<Deps> = async (app, deps) => {
  app.post('/event-tickets', {
    config: { access: 'operations', bodies: { 'application/json': EventTicketRequest } },
    schema: {
      operationId: 'createEventTicket',
      tags: ['operations'],
      summary: 'Create a ticket for an event stream',
      description:
        'For `EventSource` in a browser, which cannot send an API key: ask for a ticket with the key, then open `url`. The ticket opens this one stream for 60 seconds, also again when the browser reconnects; after that, ask for another. It ends with its key, and the stream with it. Requires a key, not a session: pages of this server open streams with their cookie.',
      response: {
        201: answer('The ticket.', EventTicketDto),
        ...problems(...keyed, ...unreadableBody, 'not_found', 'conflict'),
      },
    },
    async handler(request, reply): Promise<EventTicketDto> {
      const client = clientOf(request)
      const { path } = parse(EventTicketRequest, request.body)
      if (client.session !== undefined)
        throw new Problem(
          'conflict',
          'A session opens event streams with its cookie. Open the stream itself.',
        )
      await checkStream(deps, client, path)
      const { ticket, expiresAt } = deps.eventTickets.issue(client, path)
      reply.code(201).headers({ location: path, 'cache-control': 'no-store' })
      return {
        object: 'event_ticket',
        url: `${path}?ticket=${ticket}`,
        ticket,
        expires_at: toTimestamp(expiresAt),
      }
    },
  })
}
