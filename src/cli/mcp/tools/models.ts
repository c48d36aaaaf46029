import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { modelPage } from '../../gateway/shapes.ts'
import { answer } from '../answers.ts'
import { modelView, viewOfModel } from '../views/offer-views.ts'
import type { Session } from '../session.ts'

/** `list_models`. */
export function addModelTools(server: McpServer, session: Session): void {
  server.registerTool(
    'list_models',
    {
      title: 'List models',
      description: 'Lists what the key may ask for: models, upstreams, lengths, sizes and prices.',
      inputSchema: z.strictObject({}),
      outputSchema: z.object({ models: z.array(modelView) }),
      annotations: { readOnlyHint: true },
    },
    (_asked, { mcpReq: { signal } }) =>
      answer(session, async () => {
        const { data } = await session.reach.read('/models?limit=20', modelPage, signal)
        return { models: data.map(viewOfModel) }
      }),
  )
}
