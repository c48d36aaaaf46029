import { setTimeout as pause } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { keys } from '../e2e/gateway.ts'
import { isFrozen } from './case.ts'
import { makeCharacter } from './cast.ts'
import { isNotNow } from './client.ts'
import type { Answer, Wish } from './client.ts'
import { follow } from './follower.ts'
import type { Deleted, Stage } from './load.ts'
import type { Order } from './order.ts'
import { finalStatuses } from './shown.ts'

const shown = z.object({ id: z.string(), status: z.string() })

/**
 * Plays one caller: requests, then repeats, cancels, follows and deletes as its order says. Calls `asked` when it has a
 * response.
 */
export async function play(stage: Stage, order: Order, asked: () => void): Promise<void> {
  const { load } = stage
  const answer = await ask(stage, order).finally(asked)
  if (answer === null) return
  if (answer.status !== 202) {
    order.asked.refusedWith = answer.status
    order.asked.lostAnswer = answer.afterLost || isUndecided(answer)
    return
  }
  const { id } = shown.parse(answer.body)
  order.asked.id = id
  // A replayed response shows the generation as it was at first.
  if (!load.seen.has(id)) load.note(id, 'queued', 0)
  const following = followed(stage, order, id)
  await Promise.all([replayed(stage, order, answer), cancelled(stage, order, id)])
  if (order.deletes) await deleted(stage, order, id)
  await following
}

const problem = z.looseObject({ detail: z.string() })

/** A 503 that says that nobody could find out whether the request was stored. */
function isUndecided({ status, body }: Answer): boolean {
  return status === 503 && /may have been accepted/.test(problem.safeParse(body).data?.detail ?? '')
}

async function ask(stage: Stage, order: Order): Promise<Answer | null> {
  const { client, load, origin } = stage
  if (order.newCharacter !== null) {
    await makeCharacter(client, origin, { ...order.newCharacter, clip: 'extra' })
    load.characters.push(order.newCharacter.name)
  }
  const wish = wishOf(stage, order)
  if (!order.repeats) return client.call(wish)
  return order.patient ? client.insist(wish, isNotNow) : client.insist(wish)
}

function wishOf({ origin, pictures }: Stage, { asked, fields, reference, repeats }: Order): Wish {
  const headers = repeats ? { 'idempotency-key': `order-${asked.token}` } : {}
  const wish = { key: keys[asked.key], method: 'POST', path: '/generate', headers }
  if (reference?.type === 'picture') {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) {
      form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
    }
    form.set('reference', new Blob([new Uint8Array(pictures[reference.index]!)]), 'picture.png')
    return { ...wish, body: form }
  }
  if (reference === null) return { ...wish, body: fields }
  const url = `${origin}/clips/shown-${reference.index}.mp4?seconds=2&size=320x240`
  return { ...wish, body: { ...fields, reference: { video_url: url } } }
}

/** The same request with the same key gets the same response, however many processes have died in between. */
async function replayed(stage: Stage, order: Order, first: Answer): Promise<void> {
  if (order.replayAfterMs === null) return
  await pause(order.replayAfterMs)
  const { load, client } = stage
  const again = await client.insist(wishOf(stage, order), isNotNow)
  load.replays += 1
  if (
    again.status === 202 &&
    again.headers.get('idempotent-replayed') === 'true' &&
    isDeepStrictEqual(again.body, first.body)
  )
    return
  load.problems.push(
    `${order.asked.token} was asked again: ${again.status} ${JSON.stringify(again.body)}, at first ${JSON.stringify(first.body)}`,
  )
}

async function cancelled({ client, load }: Stage, order: Order, id: string): Promise<void> {
  if (order.cancelAfterMs === null) return
  await pause(order.cancelAfterMs)
  const askedAt = Date.now()
  const key = keys[order.asked.key]
  const answer = await client.insist({ key, method: 'POST', path: `/generations/${id}/cancel` }, isNotNow)
  if (answer.status !== 200) {
    load.problems.push(`cancel of ${id} was answered ${answer.status}`)
    return
  }
  load.cancels += 1
  load.note(id, shown.parse(answer.body).status, askedAt)
}

async function followed({ client, load, over }: Stage, order: Order, id: string): Promise<void> {
  if (order.follows === null) return
  load.following += 1
  const followed = await follow(client, { ...order.follows, key: keys[order.asked.key], id }, over)
  load.following -= 1
  load.followed.push(followed)
}

const lookMs = 300
const deleteTries = 30

/**
 * Deletes a generation once nothing about it can change any more, so that its last known state is final. After a lost
 * response it is read again: if it is gone, the request has deleted it.
 */
async function deleted({ client, load, ending }: Stage, order: Order, id: string): Promise<void> {
  while (!finalStatuses.has(load.seen.get(id)?.status ?? '')) {
    if (ending.aborted) return
    await pause(lookMs)
  }
  const key = keys[order.asked.key]
  let last: Deleted | null = null
  for (let tries = 0; tries < deleteTries; tries++) {
    const generation = await client.get(key, id)
    if (generation === null) {
      if (last === null) load.problems.push(`${id} is gone, and nobody had it deleted`)
      else load.deleted.set(id, last)
      return
    }
    if (isFrozen(generation)) {
      const isRepeat: boolean = last !== null
      last = { generation, events: await client.events(key, id), key: order.asked.key }
      const answer = await client.call({ key, method: 'DELETE', path: `/generations/${id}` })
      // An abandoned request may still delete it after that read.
      if (answer?.status === 204 || (isRepeat && answer?.status === 404)) {
        load.deleted.set(id, last)
        return
      }
      if (answer !== null && !isNotNow(answer)) {
        load.problems.push(`${id} could not be deleted: ${answer.status}`)
        return
      }
    } else if (ending.aborted && last === null) return
    await pause(lookMs)
  }
}
