import { fileURLToPath } from 'node:url'
import { connectionBounds } from '../http/edge/connections.ts'
import type { ServerDeps } from '../http/server-options.ts'
import { descriptorLimit } from '../process/descriptor-limit.ts'
import type { InForce } from './reload.ts'
import { createShowConfiguration } from './show-configuration.ts'

const bodyBytes = 1024 * 1024

/** What `npm run console` builds, beside the gateway. */
const consoleFolder = fileURLToPath(new URL('../../console/dist', import.meta.url))

type Edge = Pick<
  ServerDeps,
  'limits' | 'publicUrl' | 'corsOrigins' | 'trustProxy' | 'console' | 'configuration'
>

/** What the configuration says of the HTTP edge. */
export function edgeOf(settings: InForce): Edge {
  const { media, server, console } = settings.current.config
  const connections = connectionBounds(descriptorLimit())
  return {
    limits: { bodyBytes, uploadBytes: media.maxBytes, connections, streams: server.eventStreams },
    publicUrl: server.publicUrl,
    corsOrigins: server.corsOrigins,
    configuration: createShowConfiguration(settings),
    trustProxy: server.trustProxy.length > 0 && [...server.trustProxy],
    ...(console && server.role !== 'worker' && { console: { folder: consoleFolder } }),
  }
}
