import { createHash } from 'node:crypto'
import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { plan } from '../../gateway/shapes.ts'
import { answer, toolErrorOf } from '../answers.ts'
import { microsOf } from '../money/ceiling.ts'
import { refreshSpending } from '../money/refresh-spending.ts'
import { whileShed } from '../reach.ts'
import { sendCreate } from '../money/send-create.ts'
import { readGeneration } from '../read-generation.ts'
import type { Session } from '../session.ts'
import type { ShownGeneration } from '../views/shapes.ts'
import { ToolError } from '../tool-error.ts'
import { generationView, planView, viewOfGeneration, viewOfPlan } from '../views/views.ts'
import { bodyOf, sceneShape } from './scene.ts'

const planMs = 60_000
/** Planning sends nothing, but pictures of the request are uploaded. */
const uploadMs = 600_000

const budget = z.object({
  ceiling_usd: z.number(),
  spent_usd: z.number(),
  reserved_usd: z.number(),
  left_usd: z.number(),
})

const generateInput = z.strictObject({
  ...sceneShape,
  max_cost_usd: z
    .number()
    .min(0.000001)
    .max(1_000_000)
    .describe(
      'The most that all attempts together may cost. Set aside at once; what is not used is given back.',
    ),
  take: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe(
      'The same arguments with the same take are one generation for 24 hours, so a call without an answer can be repeated. Use the next number to render a scene again.',
    ),
})

type GenerateInput = z.output<typeof generateInput>

/** `preview_route` and `generate`. */
export function addGenerateTools(server: McpServer, session: Session): void {
  server.registerTool(
    'preview_route',
    {
      title: 'Preview route and price',
      description:
        'Shows which upstreams would render a scene, in which order and at what price. Costs nothing.',
      inputSchema: z.strictObject({
        ...sceneShape,
        max_cost_usd: z.number().min(0.000001).max(1_000_000).optional(),
      }),
      outputSchema: planView.extend({ budget }),
      annotations: { readOnlyHint: true, openWorldHint: true },
    },
    (scene, { mcpReq: { signal } }) =>
      answer(session, async () => {
        const body = await bodyOf(session.root, scene)
        const ms = body instanceof FormData ? uploadMs : planMs
        const made = await session.reach.within({ ms, signal }, (api) =>
          whileShed(() => api.call('POST', '/route', plan, { body }), Date.now() + planMs, signal),
        )
        return { ...viewOfPlan(made), budget: session.spending.figures() }
      }),
  )
  server.registerTool(
    'generate',
    {
      title: 'Generate a video',
      description:
        'Starts to render a video. COSTS MONEY, at most max_cost_usd. Returns at once: then call wait_for_generation. Call preview_route first to see the price.',
      inputSchema: generateInput,
      outputSchema: z.object({
        generation: generationView,
        repeated: z.boolean().describe('true: an earlier call of this process asked for the same take'),
        budget,
        next: z.string(),
      }),
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    },
    (asked, { mcpReq: { signal } }) => answer(session, () => generate(session, asked, signal)),
  )
}

async function generate(
  session: Session,
  { take, ...scene }: GenerateInput,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { spending, reach, root } = session
  const body = await bodyOf(root, scene)
  // From here on nothing is cancelled: the client could not know whether it is paid for.
  signal.throwIfAborted()
  const key = keyOf(scene, take)
  const isRepeat = await setAside(session, key, microsOf(scene.max_cost_usd), signal)
  const sent = await sendCreate(reach, body, key)
  if (sent.kind === 'accepted') {
    spending.accepted(key, sent.generation)
    const generation = isRepeat ? await asItIsNow(session, sent.generation, signal) : sent.generation
    session.log(`${generation.id} accepted; ${spending.figures().left_usd} USD left.`)
    const next = `Call wait_for_generation with generation_id ${generation.id}.`
    return { generation: viewOfGeneration(generation), repeated: isRepeat, budget: spending.figures(), next }
  }
  if (sent.kind === 'refused') {
    spending.refused(key)
    const { code, message, whatToDo, more } = toolErrorOf(session, sent.error)
    const nothing = `Nothing was sent or set aside. ${whatToDo}`
    throw new ToolError(code, message, nothing, { ...more, budget: spending.figures() })
  }
  spending.lost(key)
  throw new ToolError(
    'outcome_unknown',
    `The answer of the gateway was lost: ${sent.error.message}`,
    `Call generate again with exactly the same arguments and take ${take}: it finds the generation or creates it, and pays once. Until then its ${scene.max_cost_usd} USD count as spent.`,
    { budget: spending.figures() },
  )
}

/** A repeated request is answered as the first one was. */
async function asItIsNow(
  session: Session,
  first: ShownGeneration,
  signal: AbortSignal,
): Promise<ShownGeneration> {
  return readGeneration(session, first.id, signal).catch(() => first)
}

/**
 * Sets the money aside, or throws a ToolError. Before a call is refused, the gateway is asked what the open generations have
 * cost in the end. Returns whether the money was set aside by an earlier call.
 */
async function setAside(
  session: Session,
  key: string,
  askedMicros: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { spending } = session
  let made = spending.reserve(key, askedMicros)
  if (made === 'above_ceiling') {
    await refreshSpending(session, signal)
    made = spending.reserve(key, askedMicros)
  }
  if (made === 'reserved' || made === 'repeat') return made === 'repeat'
  const budgetNow = spending.figures()
  if (made === 'too_many')
    throw new ToolError(
      'too_many_generations',
      'This process has made as many generations as it can count.',
      'Ask the user to start the server again.',
      { budget: budgetNow },
    )
  throw new ToolError(
    'above_ceiling',
    `max_cost_usd is more than the ${budgetNow.left_usd} USD that are left of the ${budgetNow.ceiling_usd} USD of this process. Nothing was sent.`,
    `Pass a max_cost_usd of at most ${budgetNow.left_usd}, wait for running generations to give back what they do not use, or ask the user to start the server with a higher --max-usd.`,
    { budget: budgetNow },
  )
}

/** The same arguments have the same key, also after a restart, so that a repeated call is never paid for twice. */
function keyOf(scene: object, take: number): string {
  const text = JSON.stringify([scene, take])
  return `mcp-${createHash('sha256').update(text).digest('hex')}`
}
