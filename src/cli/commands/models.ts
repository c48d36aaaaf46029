import type { Api } from '../gateway/api.ts'
import { showModel, showModels } from '../output/show-models.ts'
import { exitCodes, say, sayJson } from '../output/terminal.ts'
import type { ExitCode, Terminal } from '../output/terminal.ts'
import { model, modelPage } from '../gateway/shapes.ts'
import type { Model } from '../gateway/shapes.ts'

/** `understudy models`: every page of what the key may ask for. */
export async function listModels(
  api: Api,
  terminal: Terminal,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const found: Model[] = []
  const query = new URLSearchParams({ limit: '100' })
  for (;;) {
    const page = await api.call('GET', `/models?${query.toString()}`, modelPage)
    found.push(...page.data)
    if (!page.has_more || page.next_cursor === null) break
    query.set('cursor', page.next_cursor)
  }
  if (json === true) sayJson(terminal, found)
  else say(terminal, showModels(found))
  return exitCodes.fine
}

export async function showOneModel(
  api: Api,
  terminal: Terminal,
  id: string,
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const found = await api.call('GET', `/models/${encodeURIComponent(id)}`, model)
  if (json === true) sayJson(terminal, found)
  else say(terminal, showModel(found))
  return exitCodes.fine
}
