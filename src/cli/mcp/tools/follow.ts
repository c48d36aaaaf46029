import { setTimeout as pause } from 'node:timers/promises'
import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { isShortOutage } from '../../gateway/keep-trying.ts'
import { hasEnded } from '../../gateway/wait.ts'
import { answer } from '../answers.ts'
import { readGeneration } from '../read-generation.ts'
import { saveVideo } from '../files/save-video.ts'
import type { Session } from '../session.ts'
import { generationPage } from '../views/shapes.ts'
import type { ShownGeneration } from '../views/shapes.ts'
import { ToolError } from '../tool-error.ts'
import { generationView, viewOfGeneration } from '../views/views.ts'

/** The gateway answers after this time at the latest, so that progress is told as often. */
const pollSeconds = 3
const pauseMs = 1000
/** How long a gateway may be out of reach, as in a restart, before a wait fails. */
const outageMs = 5000
const downloadMs = 600_000

export const generationId = z
  .string()
  .regex(/^gen_[0-9a-z]{26}$/)
  .describe('such as gen_01kasp3v5tq8c9d4wz7m2n6xhr')

const waitInput = z.strictObject({
  generation_id: generationId,
  timeout_seconds: z
    .number()
    .min(0)
    .max(1800)
    .default(45)
    .describe('Many clients give up after 60 seconds. A wait that is over can be repeated.'),
})

const fetchInput = z.strictObject({
  generation_id: generationId,
  path: z.string().min(1).max(1024).describe('below the folder of --root, ending in .mp4'),
  overwrite: z.boolean().default(false).describe('true: replace a file that exists'),
})

/** `wait_for_generation`, `get_generation`, `list_generations` and `fetch_video`. */
export function addFollowTools(server: McpServer, session: Session): void {
  server.registerTool(
    'wait_for_generation',
    {
      title: 'Wait for a generation',
      description:
        'Waits until a generation has ended or the time is over. Cancelling the call stops the wait only: the generation continues and is paid for.',
      inputSchema: waitInput,
      outputSchema: z.object({ generation: generationView, ended: z.boolean(), next: z.string() }),
      annotations: { readOnlyHint: true },
    },
    (asked, context) => answer(session, () => waitFor(session, asked, context)),
  )
  server.registerTool(
    'get_generation',
    {
      title: 'Show a generation',
      description: 'Shows the state, attempts and cost of a generation.',
      inputSchema: z.strictObject({ generation_id: generationId }),
      outputSchema: generationView,
      annotations: { readOnlyHint: true },
    },
    ({ generation_id: id }, { mcpReq: { signal } }) =>
      answer(session, async () => viewOfGeneration(await readGeneration(session, id, signal))),
  )
  server.registerTool(
    'list_generations',
    {
      title: 'List recent generations',
      description: 'Lists recent generations, newest first.',
      inputSchema: z.strictObject({
        status: z.enum(['queued', 'in_progress', 'completed', 'failed', 'cancelled']).optional(),
        limit: z.int().min(1).max(20).default(10),
        cursor: z.string().max(500).optional().describe('next_cursor of the page before'),
      }),
      outputSchema: z.object({ generations: z.array(generationView), next_cursor: z.string().nullable() }),
      annotations: { readOnlyHint: true },
    },
    ({ status, limit, cursor }, { mcpReq: { signal } }) =>
      answer(session, async () => {
        const query = new URLSearchParams({
          limit: String(limit),
          ...(status !== undefined && { status }),
          ...(cursor !== undefined && { cursor }),
        })
        const page = await session.reach.read(`/generations?${query.toString()}`, generationPage, signal)
        return { generations: page.data.map(viewOfGeneration), next_cursor: page.next_cursor }
      }),
  )
  server.registerTool(
    'fetch_video',
    {
      title: 'Save a video to a file',
      description: 'Downloads the video of a completed generation to a file below the folder of --root.',
      inputSchema: fetchInput,
      outputSchema: z.object({ path: z.string(), bytes: z.number(), sha256: z.string() }),
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
    },
    (asked, { mcpReq: { signal } }) => answer(session, () => fetchVideo(session, asked, signal)),
  )
}

async function waitFor(
  session: Session,
  { generation_id: id, timeout_seconds: seconds }: z.output<typeof waitInput>,
  context: ServerContext,
): Promise<Record<string, unknown>> {
  const { signal } = context.mcpReq
  const started = Date.now()
  const until = started + seconds * 1000
  let reachedAt = started
  let current = await readGeneration(session, id, signal)
  while (!hasEnded(current) && Date.now() < until) {
    await tellProgress(context, (Date.now() - started) / 1000, seconds, current)
    const rest = Math.min(pollSeconds, Math.ceil((until - Date.now()) / 1000))
    try {
      current = await readGeneration(session, id, signal, `?wait=${Math.max(1, rest)}`)
      reachedAt = Date.now()
    } catch (error) {
      if (!isShortOutage(error) || Date.now() - reachedAt > outageMs) throw error
      await pause(pauseMs, undefined, { signal })
    }
  }
  const ended = hasEnded(current)
  return { generation: viewOfGeneration(current), ended, next: nextOf(current, ended) }
}

function nextOf({ status, error }: ShownGeneration, ended: boolean): string {
  if (!ended) return 'It is not finished. Call wait_for_generation again.'
  if (status === 'completed') return 'Call fetch_video to save it to a file.'
  if (error?.code === 'content_refused')
    return 'Moderation refused it. Change the prompt; a new take of it is refused too.'
  return 'There is no video. To try again, call generate with the next take.'
}

/** Progress is time, because it must grow with each notification. */
async function tellProgress(
  { mcpReq: { _meta: meta, notify } }: ServerContext,
  progress: number,
  total: number,
  current: ShownGeneration,
): Promise<void> {
  const progressToken = meta?.progressToken
  if (progressToken === undefined) return
  const message = `${current.status}, ${Math.round(current.progress)} %`
  await notify({
    method: 'notifications/progress',
    params: { progressToken, progress, total, message },
  })
}

async function fetchVideo(
  session: Session,
  { generation_id: id, path, overwrite }: z.output<typeof fetchInput>,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const place = await session.root.placeToWrite(path)
  const { video, status } = await readGeneration(session, id, signal)
  if (video === null)
    throw new ToolError(
      'video_not_ready',
      `${id} is ${status} and has no video.`,
      'Call wait_for_generation first.',
    )
  const { bytes, sha256 } = video
  const saved = await session.reach.within({ ms: downloadMs, signal }, (api) =>
    saveVideo(api, { id, bytes, sha256 }, place, overwrite),
  )
  return { path: saved, bytes, sha256 }
}
