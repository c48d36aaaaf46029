import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { LitellmProxy } from './litellm-proxy.ts'
import { askGateway, call, RefusedCallError } from './observe.ts'
import type { Stage } from './stage.ts'

export interface Ended {
  status: string
  code: string | null
}

const order = { seconds: '4', size: '320x180' }
const waitMs = 60_000

const generationShape = z.object({
  id: z.string(),
  status: z.string(),
  error: z.object({ code: z.string() }).nullable(),
})

/** Asks the gateway for a video, by way of whatever upstream sells the model, and waits for its end. */
export async function orderFromGateway(stage: Stage, model: string, prompt: string): Promise<Ended> {
  const made = generationShape.parse(
    await askGateway(stage, '/generate', { model, prompt, duration: 4, size: '320x180' }),
  )
  const deadline = Date.now() + waitMs
  for (;;) {
    const now = generationShape.parse(await askGateway(stage, `/generations/${made.id}?wait=10`))
    const isOver = ['completed', 'failed', 'cancelled'].includes(now.status)
    if (isOver || Date.now() > deadline) return { status: now.status, code: now.error?.code ?? null }
  }
}

const videoShape = z.object({
  id: z.string(),
  status: z.string(),
  error: z.object({ code: z.string() }).nullish(),
})

/** The same through LiteLLM, as its own clients do: create, poll, download. */
export async function orderFromLitellm(
  proxy: LitellmProxy,
  model: string,
  prompt: string,
  more: object = {},
): Promise<Ended> {
  const videos = `${proxy.address}/v1/videos`
  try {
    const created = await call(videos, proxy.key, { model, prompt, ...order, ...more })
    const { id } = videoShape.parse(await created.json())
    const deadline = Date.now() + waitMs
    for (;;) {
      const video = videoShape.parse(await (await call(`${videos}/${id}`, proxy.key)).json())
      if (video.status === 'completed') return await downloaded(`${videos}/${id}/content`, proxy.key)
      if (video.status === 'failed' || Date.now() > deadline)
        return { status: video.status, code: video.error?.code ?? null }
      await pause(300)
    }
  } catch (error) {
    if (error instanceof RefusedCallError) return { status: 'failed', code: error.message.slice(0, 120) }
    throw error
  }
}

async function downloaded(url: string, key: string): Promise<Ended> {
  const bytes = Buffer.from(await (await call(url, key)).arrayBuffer())
  const isVideo = bytes.subarray(4, 8).toString() === 'ftyp'
  return { status: isVideo ? 'completed' : 'no video', code: null }
}
