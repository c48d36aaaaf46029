/** The process that something measured runs in, told by one JSON argument. Says its address, then answers its parent's questions. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createContainer } from '../src/gateway/wiring/container.ts'
import { createStdoutLogger } from '../src/gateway/process/logger.ts'
import { buildBareServer } from './bare-server.ts'
import { buildBytesServer } from './bytes-server.ts'
import { configure } from './configuration.ts'
import { startWithProcesses, startWithThread } from './cores/divide.ts'
import { startInstantVendor } from './sending/vendor.ts'
import { Served } from './served.ts'
import { buildStorelessServer } from './storeless-server.ts'
import { startStubUpstream } from './stub-upstream.ts'

const loopback = { host: '127.0.0.1', port: 0 }

/** When each answer was given to the kernel, by the `x-request-id` of its request: nanoseconds of the monotonic clock. */
const sentAt = new Map<string, string>()

/** How many creates the upstream that runs here has taken; none where another server runs. */
let creates = (): number => 0

function noteAnswers(server: Server): void {
  server.prependListener('request', ({ headers }: IncomingMessage, response: ServerResponse) => {
    response.once('finish', () => {
      sentAt.set(String(headers['x-request-id']), String(process.hrtime.bigint()))
    })
  })
}

async function start(served: Served): Promise<string> {
  switch (served.type) {
    case 'upstream': {
      const upstream = await startStubUpstream({ holds: served.holds })
      creates = () => upstream.creates()
      return upstream.baseUrl
    }
    case 'vendor': {
      const vendor = await startInstantVendor()
      creates = () => vendor.creates()
      return vendor.baseUrl
    }
    case 'bare':
      return buildBareServer().listen(loopback)
    case 'bytes':
      return buildBytesServer(served.text).listen(loopback)
    case 'storeless': {
      const { config, secrets } = configure(served)
      const server = await buildStorelessServer(config, secrets, createStdoutLogger('info'))
      return server.listen(loopback)
    }
    case 'divided':
      return served.processes === undefined
        ? startWithThread(served)
        : startWithProcesses(served, served.processes)
    case 'durable': {
      const { config, secrets } = configure(served)
      const container = await createContainer(config, secrets, {
        logger: createStdoutLogger('info'),
        stepped: served.role === 'api',
      })
      if (served.notesAnswers) noteAnswers(container.server.server)
      return container.listen()
    }
  }
}

const address = await start(Served.parse(JSON.parse(process.argv[2] ?? '')))
process.on('message', (question) => {
  if (question === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuMicros: user + system })
  } else if (question === 'creates') {
    process.send?.({ creates: creates() })
  } else if (question === 'sent') {
    process.send?.({ sent: Object.fromEntries(sentAt) })
  }
})
process.on('disconnect', () => process.exit())
process.send?.({ address })
