import closeWithGrace from 'close-with-grace'
import { Command, InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { demoUpstreams } from './demo-upstreams.ts'
import { showcaseUpstreams } from './showcase-upstreams.ts'
import { startSimulator } from './simulator.ts'
import type { Simulator } from './simulator.ts'

const portNumber = z.coerce.number().int().min(0).max(65_535)
const optionShape = z.object({ port: z.number(), host: z.string() })

function parsePort(text: string): number {
  const port = portNumber.safeParse(text)
  if (!port.success) throw new InvalidArgumentError('Must be a number from 0 to 65535.')
  return port.data
}

const upstreams = [...demoUpstreams, ...showcaseUpstreams]

function greeting(simulator: Simulator): string {
  const { origin } = simulator
  const rows = upstreams.map(({ id, kind, dialect, profile, apiKey }) => {
    const spoken = profile === undefined ? dialect : `${dialect}: ${profile}`
    return `  ${id.padEnd(19)} ${kind.padEnd(12)} ${spoken.padEnd(29)} ${simulator.baseUrl(id)}  key: ${apiKey}`
  })
  return [
    `Simulator listening on ${origin}`,
    ...rows,
    'A clip to create a character from:',
    `  ${origin}/clips/fox.mp4?seconds=3&size=1280x720`,
    'Break the reverse upstream (a DELETE to the same address mends it):',
    `  curl -X PUT ${origin}/control/upstreams/sim-reverse/faults -H 'content-type: application/json' -d '[{"kind":"down"}]'`,
    '',
  ].join('\n')
}

const command = new Command('simulate')
  .description('Simulates an upstream for every dialect and profile on this machine.')
  .option('--port <number>', 'port to listen on; 0 selects a free port', parsePort, 8790)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .parse()

const simulator = await startSimulator({ upstreams, ...optionShape.parse(command.opts()) })
closeWithGrace({ delay: 2000, logger: false }, () => simulator.close())
process.stdout.write(greeting(simulator))
