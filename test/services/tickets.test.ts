import t from 'tap'
import { createTickets } from '../../src/gateway/services/accounts/tickets.ts'

const minute = 60_000

t.test('a ticket is taken once, and only in its first five minutes', async (t) => {
  let now = 0
  const tickets = createTickets({ now: () => now })
  t.equal(tickets.take(''), null, 'before there is one')
  const first = tickets.issue('where the secret is')
  t.match(first, /^[\w-]{43}$/)
  t.equal(tickets.take(`${first}x`), null)
  now = 5 * minute - 1
  t.equal(tickets.take(first), 'where the secret is')
  t.equal(tickets.take(first), null, 'a second time')
  const late = tickets.issue('where the secret is')
  now += 5 * minute
  t.equal(tickets.take(late), null, 'too late')
  const [replaced, current] = [tickets.issue('before'), tickets.issue('after')]
  t.equal(tickets.take(replaced), null, 'one that another replaced')
  t.equal(tickets.take(current), 'after')
})
