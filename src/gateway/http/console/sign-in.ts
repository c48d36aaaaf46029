import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client } from '../../domain/accounts/client.ts'
import { Problem } from '../../domain/problem.ts'
import type { Authenticate } from '../../services/operations/operations.ts'
import type { FailureBrake } from '../edge/failed-authentication.ts'

export const wrongKey = 'The API key is not valid. Check the key, or ask an administrator for a new one.'
const wrongTicket = 'This address was used already, or is older than five minutes. Sign in with an API key.'

/** For a route that takes a key, or what stands for one, in its body. Wrong ones are slowed down like wrong bearer tokens. */
export interface SignIn {
  /** The client of the call from now on. Throws `unauthorized` or `rate_limited`. */
  admitKey(request: FastifyRequest, reply: FastifyReply, secret: string): Promise<Client>
  refuseTicket(request: FastifyRequest, reply: FastifyReply): Promise<never>
}

export function createSignIn(deps: {
  authenticate: Authenticate
  slowDown: FailureBrake
  admit: (request: FastifyRequest, reply: FastifyReply, client: Client) => Promise<Client>
}): SignIn {
  const { authenticate, slowDown, admit } = deps
  return {
    async admitKey(request, reply, secret) {
      const client = authenticate(secret)
      if (client !== null) return admit(request, reply, client)
      await slowDown(request, reply)
      throw refused(wrongKey, '/key')
    },
    async refuseTicket(request, reply) {
      await slowDown(request, reply)
      throw refused(wrongTicket, '/ticket')
    },
  }
}

function refused(detail: string, pointer: string): Problem {
  return new Problem('unauthorized', detail, { faults: [{ pointer, detail }] })
}
