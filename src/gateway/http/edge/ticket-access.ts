import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '../../domain/problem.ts'
import type { EventTickets, FoundTicket } from '../../services/accounts/event-tickets.ts'

const ticketed = z.object({ ticket: z.string() })

export interface TicketAccess {
  /** The ticket in the address of a call for a stream that sends no key; null for any other call. */
  ticketOf(request: FastifyRequest): string | null
  find(request: FastifyRequest, ticket: string): FoundTicket
}

export function createTicketAccess(tickets: Pick<EventTickets, 'find'>): TicketAccess {
  return {
    ticketOf({ headers, query, routeOptions }) {
      if (routeOptions.config.ticketed !== true) return null
      if (headers.authorization !== undefined || headers['api-key'] !== undefined) return null
      return ticketed.safeParse(query).data?.ticket ?? null
    },
    find: ({ url }, ticket) => tickets.find(ticket, url.split('?', 1)[0] ?? ''),
  }
}

export function ticketOver(): Problem {
  const detail =
    'This ticket has expired, is for another stream, or its key is over. Ask for another one with `POST /event-tickets`.'
  return new Problem('unauthorized', detail, { faults: [{ pointer: '#/query/ticket', detail }] })
}
