import { z } from 'zod'
import type { Model } from '../../gateway/shapes.ts'
import { quoted, quotedText, word } from './quoted.ts'
import type { ShownUpstream } from './shapes.ts'

const mostEntries = 30

/** A model with what each upstream offers: lengths, pictures, prices. */
export const modelView = z.object({
  id: z.string(),
  default: z.boolean(),
  upstreams: z.array(
    z.object({
      upstream: z.string(),
      kind: z.string(),
      available: z.boolean(),
      characters: z.string().nullable().describe('how well it knows a character; null: it takes none'),
      pictures: z.array(
        z.object({
          resolution: z.string().nullable(),
          aspect_ratios: z.array(z.string()).nullable(),
          sizes: z.array(z.string()).nullable(),
          durations: z.array(z.number()).nullable(),
          max_seconds: z.number().nullable(),
          prices: z.array(z.object({ per: z.string(), usd: z.number() })),
        }),
      ),
    }),
  ),
})

export function viewOfModel({ id, default: isDefault, upstreams }: Model): z.output<typeof modelView> {
  return {
    id: word(id),
    default: isDefault,
    upstreams: upstreams.slice(0, mostEntries).map((offer) => ({
      upstream: word(offer.upstream),
      kind: word(offer.kind),
      available: offer.available,
      characters: offer.characters.fidelity === null ? null : word(offer.characters.fidelity),
      pictures: offer.pictures.slice(0, mostEntries).map((one) => ({
        resolution: one.resolution === null ? null : word(one.resolution),
        aspect_ratios: words(one.aspect_ratios),
        sizes: words(one.sizes),
        // The entry without conditions is the last one.
        durations: one.lengths.at(-1)?.durations ?? null,
        max_seconds: one.lengths.at(-1)?.max_seconds ?? null,
        prices: one.prices.slice(0, mostEntries).map(({ per, usd }) => ({ per: word(per), usd })),
      })),
    })),
  }
}

/** An upstream as far as the key may see it. */
export const upstreamView = z.object({
  id: z.string(),
  kind: z.string(),
  enabled: z.boolean(),
  paused: quotedText.nullable().describe('why nothing is sent to it; null: it is not paused'),
  models: z.array(z.string()),
  durations: z.array(z.number()).nullable(),
  sizes: z.array(z.string()).nullable(),
  characters: z.string(),
  price: z.object({ per: z.string(), usd: z.record(z.string(), z.number()) }).nullable(),
  charged_on: z.string(),
  success_rate: z.number().nullable(),
  latency_seconds: z.number().nullable(),
  free_slots: z.number().nullable(),
  breakers: z.record(z.string(), z.string()),
  outages: z.array(z.object({ model: z.string(), reason: quotedText })),
})

const price = z.union([
  z.object({ type: z.literal('per_request'), usd: z.number() }),
  z.object({ type: z.literal('per_second'), usd: z.record(z.string(), z.number()) }),
])

export function viewOfUpstream(one: ShownUpstream): z.output<typeof upstreamView> {
  return {
    id: word(one.id),
    kind: word(one.kind),
    enabled: one.enabled,
    paused: one.pause === null ? null : quoted(one.pause.reason),
    models: words(one.models) ?? [],
    durations: one.durations,
    sizes: words(one.sizes),
    characters: word(one.characters),
    price: priceOf(one.price),
    charged_on: word(one.charged_on),
    success_rate: one.health.success_rate,
    latency_seconds: one.health.latency_seconds,
    free_slots: one.health.free_slots,
    breakers: Object.fromEntries(
      Object.entries(one.breakers).map(([operation, { state }]) => [word(operation), word(state)]),
    ),
    outages: one.outages.slice(0, mostEntries).map(({ model, reason }) => ({
      model: word(model),
      reason: quoted(reason),
    })),
  }
}

/** Prices per second depend on the size; `default` is for all others. */
function priceOf(said: unknown): z.output<typeof upstreamView>['price'] {
  const { success, data } = price.safeParse(said)
  if (!success) return null
  return data.type === 'per_request'
    ? { per: 'video', usd: { default: data.usd } }
    : { per: 'second', usd: data.usd }
}

function words(list: readonly string[] | null): string[] | null {
  return list === null ? null : list.slice(0, mostEntries).map(word)
}
