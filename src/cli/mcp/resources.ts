import { ResourceTemplate } from '@modelcontextprotocol/server'
import type { McpServer, ReadResourceResult, Variables } from '@modelcontextprotocol/server'
import { character, characterPage } from '../gateway/shapes.ts'
import { toolErrorOf } from './answers.ts'
import { viewOfUpstream } from './views/offer-views.ts'
import { capped } from './views/quoted.ts'
import type { Session } from './session.ts'
import { generationPage, upstreamPage } from './views/shapes.ts'
import { readGeneration } from './read-generation.ts'
import { viewOfCharacter, viewOfGeneration } from './views/views.ts'

const pageSize = 20
const mimeType = 'application/json'

/** Lists of generations, characters and upstreams, single ones by address, and the money of this process. */
export function addResources(server: McpServer, session: Session): void {
  const { reach, spending } = session
  const add = (name: string, description: string, read: (signal: AbortSignal) => Promise<unknown>) =>
    server.registerResource(
      name,
      `understudy://${name}`,
      { description, mimeType },
      (uri, { mcpReq: { signal } }) => contents(session, uri, () => read(signal)),
    )
  add('generations', 'The newest generations, with state and cost.', async (signal) => {
    const { data } = await reach.read(`/generations?limit=${pageSize}`, generationPage, signal)
    return { generations: data.map(viewOfGeneration) }
  })
  add('characters', 'Characters that prompts can mention as @name.', async (signal) => {
    const { data } = await reach.read(`/characters?limit=${pageSize}`, characterPage, signal)
    return { characters: data.map(viewOfCharacter) }
  })
  add(
    'upstreams',
    'The state and the prices of the upstreams, as far as the key may see them.',
    async (signal) => {
      const { data } = await reach.read('/upstreams', upstreamPage, signal)
      return { upstreams: data.map(viewOfUpstream) }
    },
  )
  add('budget', 'What this process may still spend.', () => Promise.resolve(spending.figures()))
  server.registerResource(
    'generation',
    new ResourceTemplate('understudy://generations/{id}', { list: undefined }),
    { description: 'One generation.', mimeType },
    (uri, variables, { mcpReq: { signal } }) =>
      contents(session, uri, async () =>
        viewOfGeneration(await readGeneration(session, valueOf(variables, 'id'), signal)),
      ),
  )
  server.registerResource(
    'character',
    new ResourceTemplate('understudy://characters/{name}', { list: undefined }),
    { description: 'One character, by name or ID.', mimeType },
    (uri, variables, { mcpReq: { signal } }) =>
      contents(session, uri, async () => {
        const path = `/characters/${encodeURIComponent(valueOf(variables, 'name'))}`
        return viewOfCharacter(await reach.read(path, character, signal))
      }),
  )
}

/** As JSON. An error says what to do, as those of tools do. */
async function contents(
  session: Session,
  uri: URL,
  read: () => Promise<unknown>,
): Promise<ReadResourceResult> {
  try {
    const text = JSON.stringify(await session.inTurn(read))
    return { contents: [{ uri: uri.href, mimeType, text }] }
  } catch (error) {
    const { code, message, whatToDo } = toolErrorOf(session, error)
    throw new Error(capped(`${code}: ${message} ${whatToDo}`, 1500), { cause: error })
  }
}

function valueOf(variables: Variables, name: string): string {
  const value = variables[name]
  return decodeURIComponent(typeof value === 'string' ? value : '')
}
