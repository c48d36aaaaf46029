import { BlockList, isIPv6 } from 'node:net'
import type { Config } from './config/settings.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether who reads the terminal is the only one who can reach the address. */
export function mayPrintTicket({ server, console }: Pick<Config, 'server' | 'console'>): boolean {
  const { host, role } = server
  const isHere = host === 'localhost' || loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
  return isHere && console && role !== 'worker'
}

/** What a person sees at a start. `ticket` signs in once. */
export function welcome(
  address: string,
  { upstreams, console }: Pick<Config, 'upstreams' | 'console'>,
  keys: { generatedKey: string | null; adminKey: string | null; ticket: string | null },
): string {
  const { generatedKey: key, adminKey, ticket } = keys
  const lines = [
    '',
    `Understudy listens on ${address}`,
    `  upstreams  ${upstreams.map(({ spec }) => `${spec.id} (${spec.kind})`).join(', ')}`,
    `  docs       ${address}/docs`,
  ]
  if (ticket !== null)
    lines.push(
      `  console    ${address}/console/#ticket=${ticket}`,
      '             (open it within five minutes: it signs in once, and with all rights)',
    )
  else if (console) lines.push(`  console    ${address}/console/`)
  if (adminKey !== null)
    lines.push(`  admin key  ${adminKey}  (shown only once; create other keys with POST /keys)`)
  if (key !== null) {
    const body = JSON.stringify({ prompt: 'A paper boat sails down a rainy street', duration: 10 })
    lines.push(
      `  key        ${key}`,
      '',
      'Try it:',
      '',
      `curl -s ${address}/generate -H 'authorization: Bearer ${key}' -H 'content-type: application/json' -d '${body}'`,
    )
  }
  return `${lines.join('\n')}\n\n`
}
