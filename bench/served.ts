import { z } from 'zod'

export const GatewaySetup = z.object({
  /** Where the media go, and the database unless `postgresUrl` says where it is. */
  directory: z.string(),
  /** By default a SQLite file in `directory`, which one process has to itself. */
  postgresUrl: z.string().optional(),
  /** `worker` needs `postgresUrl`. */
  role: z.enum(['api', 'worker', 'all']),
  /** The base URL that every configured upstream has. */
  upstreamUrl: z.string(),
  /** Jobs that one upstream holds at a time; null: any number. */
  maxInFlight: z.number().nullable(),
  /** Jobs are asked about as soon as they are accepted, then each second; by default not for two minutes. */
  pollsAtOnce: z.boolean().default(false),
})

export type GatewaySetup = z.input<typeof GatewaySetup>

/** What a process of its own may be asked to run. */
export const Served = z.discriminatedUnion('type', [
  /** The real gateway. */
  z.object({ type: z.literal('durable'), ...GatewaySetup.shape, notesAnswers: z.boolean() }),
  /** The gateway with a SQLite file that another thread writes, or this process for `processes` that serve. */
  z.object({ type: z.literal('divided'), ...GatewaySetup.shape, processes: z.number().optional() }),
  /** The gateway's HTTP edge and services over a store that keeps nothing. */
  z.object({ type: z.literal('storeless'), ...GatewaySetup.shape }),
  /** One route of Fastify and zod. */
  z.object({ type: z.literal('bare') }),
  /** One route of Fastify that answers every path with this text as JSON, or 304 where its tag is known. */
  z.object({ type: z.literal('bytes'), text: z.string() }),
  z.object({ type: z.literal('upstream'), holds: z.boolean() }),
  /** A reseller whose jobs are finished by the first poll. */
  z.object({ type: z.literal('vendor') }),
])

export type Served = z.input<typeof Served>
