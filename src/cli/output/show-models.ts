import type { Model } from '../gateway/shapes.ts'
import { table } from './table.ts'

type Offer = Model['upstreams'][number]
type Pictures = Offer['pictures'][number]

export function showModels(models: readonly Model[]): string {
  if (models.length === 0) return 'This key may use no model.'
  const rows = models.flatMap(({ id, default: isDefault, upstreams }) =>
    upstreams.map((offer, index) => [
      index === 0 ? `${id}${isDefault ? ' (default)' : ''}` : '',
      offer.upstream,
      offer.kind,
      [...new Set(offer.pictures.map(({ resolution }) => resolution ?? 'any'))].join(' '),
      offer.characters.fidelity ?? '–',
      cheapest(offer),
      offer.available ? '' : 'not available now',
    ]),
  )
  return table(['model', 'upstream', 'kind', 'resolutions', 'characters', 'from', ''], rows)
}

/** One model: a table of pictures and a line of inputs for each upstream. */
export function showModel({ id, default: isDefault, upstreams }: Model): string {
  const title = `${id}${isDefault ? '  default' : ''}`
  return [title, ...upstreams.map(showOffer)].join('\n\n')
}

function showOffer(offer: Offer): string {
  const { success_rate: rate, latency_seconds: latency } = offer
  const measured = [
    ...(rate === null ? [] : [`${Math.round(rate * 100)}% succeed`]),
    ...(latency === null ? [] : [`${Math.round(latency)} s at the median`]),
    ...(offer.available ? [] : ['not available now']),
  ]
  const rows = offer.pictures.map((one) => [
    one.resolution ?? 'any',
    (one.aspect_ratios ?? ['any']).join(' ') || '–',
    (one.sizes ?? ['any']).join(' ') || '–',
    lengthsOf(one),
    one.prices.map(priceText).join(', '),
  ])
  return [
    [`${offer.upstream}  ${offer.kind}`, ...measured].join(', '),
    table(['resolution', 'ratios', 'sizes', 'seconds', 'price'], rows),
    `Inputs: ${inputsOf(offer).join(', ') || 'none'}`,
  ].join('\n')
}

function lengthsOf({ lengths }: Pictures): string {
  return lengths
    .map(({ inputs, durations, max_seconds: most }) => {
      const any = most === null ? 'any' : `up to ${most}`
      const seconds = durations === null ? any : durations.join(' ')
      return inputs === null ? seconds : `${seconds} with ${inputs.join(' or ')}`
    })
    .join('; ')
}

function priceText({ audio, per, usd }: Pictures['prices'][number]): string {
  const sound = audio === null ? '' : audio ? ' with sound' : ' without sound'
  return `$${usd}/${per === 'second' ? 's' : per}${sound}`
}

function inputsOf({ inputs, characters }: Offer): string[] {
  const { references, audio, last_frame: last, seed, negative_prompt: negative, options } = inputs
  const kinds = [
    ['picture', references.image],
    ['video', references.video],
    ['sound', references.audio],
  ] as const
  return [
    ...(inputs.first_frame ? ['first frame'] : []),
    ...(last === 'none' ? [] : ['last frame']),
    ...kinds.flatMap(([name, limit]) => (limit === null ? [] : [`${limit.max} ${name} references`])),
    ...(audio === 'optional' ? ['sound on or off'] : []),
    ...(seed === 'accepted' ? ['seed'] : []),
    ...(negative === 'accepted' ? ['negative prompt'] : []),
    ...(characters.fidelity === null ? [] : [`${characters.max} characters (${characters.fidelity})`]),
    ...Object.keys(options).map((name) => `option ${name}`),
  ]
}

function cheapest({ pictures }: Offer): string {
  const [first] = pictures.flatMap(({ prices }) => prices).toSorted((a, b) => a.usd - b.usd)
  return first === undefined ? '–' : priceText({ ...first, audio: null })
}
