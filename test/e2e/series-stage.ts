import { makeCharacter, places } from './comparison-stage.ts'
import { startGateway } from './gateway.ts'
import type { Answer, Gateway } from './gateway.ts'

export { makeCharacter, places, startGateway }

/** Scenes without a character, each with another setting. */
export function scenesAt(count: number): Array<{ prompt: string }> {
  return Array.from({ length: count }, (_, index) => ({
    prompt: `a mill ${places[index % places.length]} ${index + 1}`,
  }))
}

export async function makeSeries(gateway: Gateway, body: object, headers = {}): Promise<Answer['body']> {
  const made = await gateway.call('POST', '/series', body, headers)
  if (made.status !== 202) throw new Error(JSON.stringify(made.body))
  return made.body
}

const ends = new Set(['completed', 'failed', 'cancelled'])

/** Steps until the series has ended; returns its last state. `each` is called with every state on the way. */
export async function finishedSeries(
  gateway: Gateway,
  id: string,
  headers = {},
  each: (body: Answer['body']) => void | Promise<void> = () => undefined,
): Promise<Answer['body']> {
  for (let step = 0; step < 2000; step++) {
    const { body } = await gateway.call('GET', `/series/${id}`, undefined, headers)
    await each(body)
    if (ends.has(body.status)) return body
    await gateway.advance(1000)
  }
  throw new Error(`${id} did not end`)
}
