import sharp from 'sharp'
import { keys } from '../e2e/gateway.ts'
import { isNotNow } from './client.ts'
import type { Client } from './client.ts'
import { cast, referenceCount } from './order.ts'

const isTaken = (body: unknown): boolean => JSON.stringify(body).includes('name_taken')

/** Creates a character from a clip of the simulator, or a part of it. One from a request whose response was lost counts too. */
export async function makeCharacter(
  client: Client,
  origin: string,
  { name, clip = name, part = false }: { name: string; clip?: string; part?: boolean },
): Promise<void> {
  const answer = await client.insist(
    {
      key: keys.studio,
      method: 'POST',
      path: '/characters',
      body: {
        name,
        description: `${name} in a green coat`,
        video_url: `${origin}/clips/${clip}.mp4?seconds=3&size=320x240`,
        ...(part && { clip: { start: 0, end: 2 } }),
      },
    },
    (each) => isNotNow(each) && !isTaken(each.body),
  )
  const wasMade = answer.status === 409 && answer.afterLost
  if (answer.status !== 201 && !wasMade) {
    throw new Error(`character ${name}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
}

export async function makeCast(client: Client, origin: string): Promise<void> {
  for (const name of cast) await makeCharacter(client, origin, { name })
}

/** Pictures to upload as references. */
export function makePictures(): Promise<Buffer[]> {
  const sides = Array.from({ length: referenceCount }, (_, index) => 32 * (index + 2))
  return Promise.all(
    sides.map((side) =>
      sharp({ create: { width: side, height: side, channels: 3, background: '#3a7' } })
        .png()
        .toBuffer(),
    ),
  )
}
