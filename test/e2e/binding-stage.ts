import t from 'tap'
import type { Wrappers } from '../../src/gateway/wiring/stores.ts'
import type { CharacterOutcome } from '../../src/gateway/domain/attempts/outcome.ts'
import type { CreateRequest, Upstream } from '../../src/gateway/ports/upstream.ts'
import { official, reverse, startGateway } from './gateway.ts'
import type { Answer } from './gateway.ts'

/** A vendor that creates characters by jobs: ready on the third poll. */
const slow = { ...reverse, id: 'slow', apiKey: 'slow-key-00001' }

/** A vendor without characters: clips are sent with the create. */
const inline = {
  ...reverse,
  id: 'inline',
  apiKey: 'inline-key-001',
  dialect: 'openai-videos' as const,
  profile: 'new-api' as const,
}

/** An official vendor with native characters, for clips of 2 to 4 seconds. */
const cast = { ...official, id: 'cast', apiKey: 'cast-key-00001', characters: true }

/** Added to the configuration after everything else was created. */
const later = { ...reverse, id: 'later', apiKey: 'later-key-0001' }

export const looks = { needed: 3, asked: 0, atOnce: 0, mostAtOnce: 0 }

export const orders: CreateRequest[] = []

/** The vendor's own state, which survives the gateway. */
const jobs = new Map<string, { outcome: CharacterOutcome; looks: number }>()

function asJobs(upstream: Upstream): Upstream {
  return {
    ...upstream,
    async createCharacter(request) {
      const outcome = await upstream.createCharacter(request)
      if (outcome.type !== 'ready') return outcome
      const id = `job-${jobs.size}`
      jobs.set(id, { outcome, looks: 0 })
      return { type: 'pending', operation: { id }, retryAfterMs: 2000 }
    },
    async pollCharacter(operation) {
      looks.asked += 1
      looks.atOnce += 1
      looks.mostAtOnce = Math.max(looks.mostAtOnce, looks.atOnce)
      await new Promise((resolve) => setTimeout(resolve, 20))
      looks.atOnce -= 1
      const job = jobs.get(JSON.parse(JSON.stringify(operation)).id)
      if (job === undefined) return { type: 'invalid', message: 'no such character job' }
      job.looks += 1
      if (job.looks < looks.needed) return { type: 'pending', operation, retryAfterMs: 2000 }
      return job.outcome
    },
  }
}

function refusing(upstream: Upstream): Upstream {
  return {
    ...upstream,
    async createCharacter(request) {
      if (request.name.startsWith('real_person')) return { type: 'refused', message: 'a real person' }
      return upstream.createCharacter(request)
    },
  }
}

const wrap: Wrappers = {
  directory(directory) {
    const all = directory.all().map((upstream): Upstream => {
      if (upstream.spec.id === 'slow') return asJobs(upstream)
      if (upstream.spec.id === 'reseller') return refusing(upstream)
      if (upstream.spec.id !== 'inline') return upstream
      return {
        ...upstream,
        create(request) {
          orders.push(request)
          return upstream.create(request)
        },
      }
    })
    return {
      all: () => all,
      get: (id) => all.find(({ spec }) => spec.id === id),
      close: () => directory.close(),
      holderOf: (id, account) => directory.holderOf(id, account),
    }
  },
}

export const upstreams = [reverse, slow, official, cast, inline, later]

/** Long timeouts, so that a busy machine loses no response. */
const patient = { timeouts: { connect_seconds: 10, create_seconds: 20 } }

export const gateway = await startGateway(t, {
  upstreams,
  configured: upstreams.filter(({ id }) => id !== 'later'),
  wrap,
  settings: {
    reseller: { ...patient, max_prompt_characters: 200 },
    slow: patient,
    official: patient,
    cast: {
      ...patient,
      references: [],
      character_clip_seconds: { min: 2, max: 4 },
      max_prompt_characters: 60,
    },
    inline: {
      ...patient,
      profile: 'new-api',
      characters: 'inline',
      character_clip_seconds: { min: 1, max: 3 },
    },
    later: patient,
  },
})

export const { control } = gateway.simulator

t.beforeEach(async () => {
  const { body } = await gateway.call('GET', '/characters?limit=100')
  for (const { id } of body.data) await gateway.call('DELETE', `/characters/${id}`)
  control.reset()
  orders.length = 0
  Object.assign(looks, { needed: 3, asked: 0, atOnce: 0, mostAtOnce: 0 })
})

export function clipUrl(seconds = 2): string {
  return `${gateway.simulator.origin}/clips/girl.mp4?seconds=${seconds}&size=320x240`
}

export async function make(body: object): Promise<Answer['body']> {
  const source = 'generation_id' in body ? {} : { video_url: clipUrl() }
  const described = { name: 'coffee_girl', description: 'a woman in a green apron' }
  const made = await gateway.call('POST', '/characters', { ...described, ...source, ...body })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  return made.body
}

export function scene(prompt: string, ...ids: string[]) {
  return { prompt, duration: 5, routing: { upstreams: ids } }
}

export function play(prompt: string, ...ids: string[]): Promise<Answer['body']> {
  return gateway.generate(scene(prompt, ...ids))
}

export function states(generation: Answer['body']): string[] {
  return generation.attempts.map(({ upstream, state }: Record<string, string>) => `${upstream} ${state}`)
}

export async function bindingOn(upstream: string, name = 'coffee_girl'): Promise<Answer['body']> {
  const { body } = await gateway.call('GET', `/characters/${name}`)
  return body.bindings.find((binding: { upstream: string }) => binding.upstream === upstream)
}

/** How often a vendor was asked to create a character. */
export function creations(upstream: string): number {
  return control.requests()[upstream]?.character_create ?? 0
}
