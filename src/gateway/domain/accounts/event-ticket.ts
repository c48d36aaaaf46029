/** Long enough to open a stream and, after a short outage, to come back by itself; short for what stands in an address. */
export const eventTicketMs = 60_000
