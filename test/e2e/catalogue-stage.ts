import type { Test } from 'tap'
import { serveCallerFiles } from './caller-files.ts'
import { claimsOf, fewClaimsOf, variantsOf } from './claimed-requests.ts'
import type { Claim, Offer } from './claimed-requests.ts'
import { variablesOf } from './example-upstreams.ts'
import type { ExampleUpstream } from './example-upstreams.ts'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { outsideOf } from './unclaimed-requests.ts'

const taken = ['running', 'archiving', 'succeeded']

function asked(
  id: string,
  model: string,
  body: object,
  duration: 'exact' | 'nearest' = 'exact',
): Record<string, unknown> {
  const routing = { upstreams: [id], duration, fallback: false }
  return { prompt: 'a boat crosses the bay', model, routing, ...body }
}

/** Where the creates of these requests came to: the vendor has taken each, or says why not. */
async function createdBy(gateway: Gateway, id: string, model: string, claims: readonly Claim[]) {
  const accepted: Array<{ title: string; id: string }> = []
  for (const { title, body } of claims) {
    const answer = await gateway.call('POST', '/generate', asked(id, model, body))
    if (answer.status !== 202) throw new Error(`${title}: ${JSON.stringify(answer.body)}`)
    accepted.push({ title, id: answer.body.id })
  }
  const ended: Array<{ title: string; state: string; failure: string }> = []
  for (const { title, id: generation } of accepted) {
    for (let step = 0; ; step++) {
      const { body } = await gateway.call('GET', `/generations/${generation}`)
      const { state = 'none', failure = null } = body.attempts[0] ?? {}
      if (!['none', 'binding', 'submitting'].includes(state) || step > 50) {
        ended.push({ title, state, failure: failure?.message ?? '' })
        break
      }
      await gateway.advance(step === 0 ? 1 : 1000)
    }
  }
  return ended
}

/** Each model of each example: what the catalogue lists is routed and taken by its vendor, and what goes beyond is not. */
export async function checkExamples(t: Test, examples: readonly ExampleUpstream[]): Promise<void> {
  const { at } = await serveCallerFiles(t)
  const gateway = await startGateway(t, {
    upstreams: examples.map(({ vendor }) => vendor),
    settings: Object.fromEntries(examples.map(({ vendor, settings }) => [vendor.id, settings])),
    routing: { model: Object.keys(examples[0]?.settings.models ?? {})[0] },
    env: variablesOf(examples),
    patient: true,
  })
  const files = {
    first: at('/first.png'),
    last: at('/last.png'),
    image: at('/woman.png'),
    audio: at('/voice.wav'),
    video: `${gateway.simulator.origin}/clips/walk.mp4?seconds=2&size=320x240`,
  }
  const person = { name: 'somebody', description: 'a woman in a green apron', video_url: files.video }
  t.equal((await gateway.call('POST', '/characters', person)).status, 201)

  for (const { document, vendor, settings } of examples) {
    for (const model of Object.keys(settings.models)) {
      const { id } = vendor
      const route = async (body: object, duration: 'exact' | 'nearest' = 'exact') => {
        const answer = await gateway.call('POST', '/route', asked(id, model, body, duration))
        const excluded = answer.body.excluded?.find(({ upstream }: Offer) => upstream === id)
        const why = excluded?.detail ?? JSON.stringify(answer.body.errors ?? answer.body.detail ?? '')
        return { candidate: answer.body.candidates?.[0], code: excluded?.code, why }
      }
      await t.test(
        `${document}: ${model} of ${id} takes what the catalogue lists, and no more`,
        async (t) => {
          const { body } = await gateway.call('GET', `/models/${encodeURIComponent(model)}`)
          const offer: Offer | undefined = body.upstreams.find(({ upstream }: Offer) => upstream === id)
          if (offer === undefined) throw new Error(`${id} does not offer ${model}`)
          const variants = variantsOf(offer, files, person.name)
          for (const { title, body: request, highestUsd } of claimsOf(offer, variants)) {
            const { candidate, why } = await route(request)
            t.equal(candidate?.upstream, id, `${title}: ${why}`)
            if (!('options' in request))
              t.ok(candidate?.estimated_cost_usd <= highestUsd + 1e-6, `${title}: the price`)
          }
          const before = gateway.simulator.control.requests()[id]?.create
          for (const { title, body: request, code } of outsideOf(offer, variants, files)) {
            // What is wrong with a length is not to hide what else is.
            const routed = await route(request, code === 'duration_unsupported' ? 'exact' : 'nearest')
            t.equal(routed.code, code, `${title}: ${routed.why}`)
          }
          t.equal(gateway.simulator.control.requests()[id]?.create, before, 'nothing is sent')
          // Signed calls that make characters go to a host of their own, which the simulator does not play here.
          const sent = variants.filter(({ title }) => !('access_key' in settings) || title !== 'a character')
          const created = await createdBy(gateway, id, model, fewClaimsOf(offer, sent))
          for (const { title, state, failure } of created)
            t.ok(taken.includes(state), `${title}: ${state} ${failure}`)
        },
      )
    }
  }
}
