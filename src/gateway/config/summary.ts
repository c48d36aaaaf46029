import type { Config } from './settings.ts'

/** What a checked file configures, for people: no secret, no URL. */
export function summarize(fileName: string, config: Config, warnings: readonly string[]): string {
  const { server, storage, media, routing, clients, upstreams, builtins } = config
  const described = upstreams.map(({ spec }) => `${spec.id} (${spec.kind}, ${spec.dialect})`)
  const serving = upstreams
    .filter(({ spec }) => Object.hasOwn(spec.models, routing.model))
    .map(({ spec }) => spec.id)
  const route = `${routing.model} by ${routing.priority}, fallback ${routing.fallback ? 'on' : 'off'}`
  return [
    `${fileName} is ok`,
    `  ${plural(upstreams.length, 'upstream')}    ${described.join(', ')}`,
    builtins.key
      ? '  keys           one, generated at the first start'
      : `  ${plural(clients.length, 'key')}         ${clients.map(({ key }) => key).join(', ')}`,
    `  default route  ${route}${serving.length === 0 ? '' : `; served by ${serving.join(', ')}`}`,
    `  server         ${server.host}:${server.port}, role ${server.role}`,
    `  storage        ${storage.type}, ${storage.type === 'sqlite' ? storage.file : storage.address}`,
    `  media          ${media.s3 === null ? media.directory : `s3://${media.s3.bucket}/${media.s3.prefix} at ${media.s3.endpoint}`}`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? ' ' : 's'}`
}
