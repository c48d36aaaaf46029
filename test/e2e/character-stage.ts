import t from 'tap'
import { keys, official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

export const other = { authorization: `Bearer ${keys.other}` }

export const bank = { authorization: `Bearer ${keys.bank}` }

export const description = 'a woman in a green apron'

/** An official upstream with native characters: the name is in the prompt, the id in a list. */
const cast = { ...official, id: 'cast', apiKey: 'cast-key-00001', characters: true }

/** Long timeouts, so that a busy machine loses no response. */
const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }

export const gateway = await startGateway(t, {
  upstreams: [reverse, official, cast],
  settings: { reseller: patient, official: patient, cast: { ...patient, references: [] } },
})

export const { control } = gateway.simulator

// One gateway for all tests. Each test starts without characters, and with a reset simulator.
t.beforeEach(async () => {
  for (const headers of [{}, other, bank]) {
    const { body } = await gateway.call('GET', '/characters?limit=100', undefined, headers)
    for (const { id } of body.data) await gateway.call('DELETE', `/characters/${id}`, undefined, headers)
  }
  control.reset()
})

export function clipUrl(name = 'girl', seconds = 2): string {
  return `${gateway.simulator.origin}/clips/${name}.mp4?seconds=${seconds}&size=320x240`
}

export async function make(body: object, headers = {}): Promise<Answer['body']> {
  const source = 'generation_id' in body ? {} : { video_url: clipUrl() }
  const made = await gateway.call('POST', '/characters', { ...source, description, ...body }, headers)
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

/** The characters of the simulated vendors with this name, newest last. */
export function known(name: string) {
  return control.characters().filter((character) => character.name === name)
}

/** Uses the reverse upstream by default, then the official one, which has no characters. */
export function scene(prompt: string, routing: object = {}) {
  return { prompt, duration: 5, routing: { upstreams: ['reseller', 'official'], ...routing } }
}

export function play(prompt: string, routing: object = {}, headers = {}): Promise<Answer['body']> {
  return gateway.generate(scene(prompt, routing), headers)
}

export function states(generation: Answer['body']): string[] {
  return generation.attempts.map(({ upstream, state }: Record<string, string>) => `${upstream} ${state}`)
}
