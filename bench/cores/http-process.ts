/** One of several processes that share a port: parses, checks, routes and answers, and asks its parent to insert. */
import { once } from 'node:events'
import { z } from 'zod'
import { GatewaySetup } from '../served.ts'
import { startDividedGateway } from './divided-gateway.ts'
import { createAskingSide } from './insert-channel.ts'

process.on('disconnect', () => process.exit())
const [told] = await once(process, 'message')
const { setup, name } = z
  .object({ setup: GatewaySetup, name: z.string() })
  .parse(JSON.parse(z.string().parse(told)))
const { insert, hear } = createAskingSide((text) => void process.send?.(text))
process.on('message', (text) => hear(z.string().parse(text)))
await startDividedGateway(setup, { name, insert })
