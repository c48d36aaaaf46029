import { z } from 'zod'

/**
 * A client of a reseller as docs/vendors/resellers.md#the-sora-tasks-protocol describes it: a bearer key and a base URL that
 * ends in `/v1`, a character from a video URL, scenes of five seconds with it, a poll every 5 s for at most 300 s, and an
 * exception for `failed`. It knows nothing of this gateway; only its base URL is another one.
 */
export interface ResellerClient {
  createCharacter(videoUrl: string, name: string, description: string): Promise<string>
  extractCharacter(taskId: string, name: string): Promise<string>
  listCharacters(): Promise<Array<{ character_id: string; name: string }>>
  generate(prompt: string, duration: number): Promise<string>
  /** The URL of the finished video. */
  waitForVideo(taskId: string): Promise<string>
  /** One video per scene, one after the other. */
  series(characterId: string, scenes: string[]): Promise<string[]>
}

const pollSeconds = 5
const maxWaitSeconds = 300

const characterAnswer = z.object({ character_id: z.string() })
const listAnswer = z.object({ characters: z.array(z.object({ character_id: z.string(), name: z.string() })) })
const ticketAnswer = z.object({ task_id: z.string() })
const taskAnswer = z.object({
  status: z.string(),
  video_url: z.string().optional(),
  error: z.unknown().optional(),
})

export function createResellerClient(options: {
  baseUrl: string
  apiKey: string
  /** Waits; tests let their held clock run. */
  sleep: (seconds: number) => Promise<void>
}): ResellerClient {
  const { baseUrl, apiKey, sleep } = options

  async function call<T>(answer: z.ZodType<T>, method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (response.status >= 400) throw new Error(`HTTP ${response.status}: ${text}`)
    return answer.parse(JSON.parse(text))
  }

  const client: ResellerClient = {
    createCharacter: async (video_url, name, description) =>
      (await call(characterAnswer, 'POST', '/sora/characters', { video_url, name, description }))
        .character_id,
    extractCharacter: async (task_id, name) =>
      (await call(characterAnswer, 'POST', '/sora/characters/extract', { task_id, name })).character_id,
    listCharacters: async () => (await call(listAnswer, 'GET', '/sora/characters')).characters,
    generate: async (prompt, duration) =>
      (await call(ticketAnswer, 'POST', '/sora/generate', { prompt, duration })).task_id,
    async waitForVideo(taskId) {
      for (let waited = 0; waited < maxWaitSeconds; waited += pollSeconds) {
        const { status, video_url: url, error } = await call(taskAnswer, 'GET', `/sora/tasks/${taskId}`)
        if (status === 'completed' && url !== undefined) return url
        if (status === 'failed') throw new Error(`generation failed: ${String(error)}`)
        await sleep(pollSeconds)
      }
      throw new Error(`no video within ${maxWaitSeconds} s`)
    },
    async series(characterId, scenes) {
      const urls = []
      for (const scene of scenes) {
        const taskId = await client.generate(`@${characterId} ${scene}`, 5)
        urls.push(await client.waitForVideo(taskId))
      }
      return urls
    },
  }
  return client
}
