import type { Api } from '../gateway/api.ts'
import { usage } from '../gateway/shapes.ts'
import { showUsage } from '../output/show.ts'
import { instantOf } from '../values.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'

/** `understudy usage`: the cost, and what the same videos would have cost on official upstreams. */
export async function showUsageReport(
  api: Api,
  terminal: Terminal,
  { by, from, to, json }: { by: string; from?: string; to?: string; json?: boolean },
): Promise<ExitCode> {
  const query = new URLSearchParams({
    group_by: by,
    ...(from !== undefined && { from: instantOf(from) }),
    ...(to !== undefined && { to: instantOf(to) }),
  })
  const report = await api.call('GET', `/usage?${query.toString()}`, usage)
  if (json === true) sayJson(terminal, report)
  else say(terminal, showUsage(report))
  return exitCodes.fine
}
