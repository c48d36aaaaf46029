import type { Random } from '../../test/chaos/random.ts'
import type { Answer, Call } from './calls.ts'
import type { Caller } from './caller.ts'
import { adminKey } from './stage.ts'
import { z } from 'zod'
import type { Character, World } from './world.ts'

const Made = z.object({ id: z.string() })
const madeBy = ({ text }: Answer): string => Made.parse(JSON.parse(text)).id
const cast = 6
/** What was accepted with it before has been sent by then. */
const retireMs = 40_000

const asOperator = (
  call: Pick<Call, 'method' | 'path' | 'expects'>,
  body?: object,
  check?: Call['check'],
): Call => ({
  ...call,
  secret: adminKey,
  ...(body !== undefined && { body: JSON.stringify(body) }),
  ...(check !== undefined && { check }),
})

/** What is asked for every so many seconds, however great the load is. Ends when it is disposed of. */
export function nowAndThen(world: World, caller: Caller, random: Random): Disposable {
  const timers: NodeJS.Timeout[] = []
  let made = 0
  const every = (seconds: number, act: () => Promise<void>): void => {
    timers.push(setInterval(() => void act(), seconds * 1000))
  }
  const send = (kind: string, call: Call) => caller.send(kind, call, performance.now())
  async function makeCharacter(): Promise<void> {
    const key = random.pick(world.keys)
    const name = `cast_${world.nextNumber}_${++made}`
    await send('make character', {
      method: 'POST',
      path: '/characters',
      secret: key.secret,
      body: JSON.stringify({
        name,
        description: 'in a green coat',
        video_url: `${world.vendor}/files/${name}.mp4`,
      }),
      expects: [201],
      check: (answer) => void world.characters.push({ id: madeBy(answer), name, key }),
    })
    const old = world.characters.length > cast ? world.characters.shift() : undefined
    if (old !== undefined) timers.push(setTimeout(() => void removeCharacter(old), retireMs))
  }

  const removeCharacter = ({ id, key }: Character) =>
    send('remove character', {
      method: 'DELETE',
      path: `/characters/${id}`,
      secret: key.secret,
      expects: [204],
    })

  async function makeKey(): Promise<void> {
    let id: string | undefined
    const call = { method: 'POST', path: '/keys', expects: [201] } as const
    await send(
      'make key',
      asOperator(call, { name: `guest-${world.nextNumber}-${++made}`, scopes: ['read'] }, (answer) => {
        id = madeBy(answer)
      }),
    )
    if (id !== undefined)
      await send('remove key', asOperator({ method: 'DELETE', path: `/keys/${id}`, expects: [204] }))
  }

  // Fewer than 20 a minute, which is when the gateway becomes slow to answer them.
  every(5, () =>
    send('wrong key', {
      method: 'GET',
      path: '/generations',
      secret: 'nobody-knows-this-key',
      expects: [401],
    }),
  )
  every(15, () =>
    send(
      'change key',
      asOperator(
        { method: 'PATCH', path: `/keys/${random.pick(world.keys).id}`, expects: [200] },
        { monthly_budget_usd: random.int(500_000, 1_000_000) },
      ),
    ),
  )
  every(10, () =>
    send('everything', {
      method: 'GET',
      path: '/events',
      secret: random.pick(world.keys).secret,
      expects: [200],
      leaveAfterMs: 25_000,
    }),
  )
  every(20, makeCharacter)
  every(30, makeKey)
  void makeCharacter()
  return {
    [Symbol.dispose]() {
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
