import { CliError, exitCodes } from '../output/terminal.ts'

/** A filter of the API from `name=value` texts; the gateway checks names and values. Metadata is `metadata.NAME=VALUE`. */
export function filterOf(said: readonly string[]): object {
  const filter = new Map<string, string | number | boolean>()
  const metadata = new Map<string, string>()
  for (const each of said) {
    const at = each.indexOf('=')
    if (at < 1)
      throw new CliError(exitCodes.refused, `--filter ${each}: must be NAME=VALUE, such as status=queued.`)
    const [name, value] = [each.slice(0, at), each.slice(at + 1)]
    if (name.startsWith('metadata.')) metadata.set(name.slice('metadata.'.length), value)
    else filter.set(name, valueOf(name, value))
  }
  return {
    ...Object.fromEntries(filter),
    ...(metadata.size > 0 && { metadata: Object.fromEntries(metadata) }),
  }
}

function valueOf(name: string, value: string): string | number | boolean {
  if (name === 'attention' && /^(?:true|false)$/.test(value)) return value === 'true'
  return name === 'older_than_seconds' && /^\d+$/.test(value) ? Number(value) : value
}
