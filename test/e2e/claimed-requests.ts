import type { z } from 'zod'
import type { ModelDto } from '../../src/gateway/http/schemas/catalogue/model.ts'

export type Offer = z.output<typeof ModelDto>['upstreams'][number]
type Pictures = Offer['pictures'][number]
type Lengths = Pictures['lengths'][number]

/** Members of a request that belong together, and the inputs that they are. */
export interface Variant {
  title: string
  body: Record<string, unknown>
  inputs: string[]
}

export interface Claim {
  title: string
  body: Record<string, unknown>
  /** What it may cost at most, without options; USD. */
  highestUsd: number
}

type Files = Record<'first' | 'last' | 'image' | 'video' | 'audio', string>

/** What a request needs where words alone will not do. */
export function neededBy({ inputs: { required } }: Offer, files: Files): Omit<Variant, 'title'> {
  const [name] = required
  if (name === undefined) return { body: {}, inputs: [] }
  const kind = /^(image|video|audio)_references$/.exec(name)?.[1]
  if (!isKind(kind)) throw new Error(`no test knows how to give ${name}`)
  return { body: { references: [{ [`${kind}_url`]: files[kind] }] }, inputs: ['references', name] }
}

function isKind(kind: string | undefined): kind is 'image' | 'video' | 'audio' {
  return kind === 'image' || kind === 'video' || kind === 'audio'
}

/** One way to ask for each input that the offer lists, the most that it takes of each included. */
export function variantsOf(offer: Offer, files: Files, name: string): Variant[] {
  const { inputs, reference, dialect, characters } = offer
  const first = { first_frame: { image_url: files.first } }
  const last = { last_frame: { image_url: files.last } }
  const { references } = inputs
  const kinds = (['image', 'video', 'audio'] as const).flatMap((kind) => {
    const limit = references[kind]
    const most = Math.min(limit?.max ?? 0, references.max ?? 16)
    const [role] = limit?.roles ?? []
    const one = { [`${kind}_url`]: files[kind], ...(role !== undefined && { role }) }
    return most === 0 ? [] : [{ kind, most, one }]
  })
  const found = [
    plain,
    ...(inputs.first_frame ? [{ title: 'a first frame', body: first, inputs: ['first_frame'] }] : []),
    ...(inputs.first_frame && inputs.last_frame !== 'none'
      ? [{ title: 'both frames', body: { ...first, ...last }, inputs: ['first_frame', 'last_frame'] }]
      : []),
    ...(inputs.last_frame === 'any' ? [{ title: 'a last frame', body: last, inputs: ['last_frame'] }] : []),
    ...kinds.map(({ kind, most, one }) => ({
      title: `${most} ${kind} references`,
      body: { references: Array.from({ length: most }, () => one) },
      inputs: ['references', `${kind}_references`],
    })),
    ...reference.map((kind) => ({
      title: `the one reference, a ${kind}`,
      body: { reference: { [`${kind}_url`]: files[kind] } },
      inputs: ['references', `${kind}_references`],
    })),
    ...settings(inputs, dialect),
    ...(characters.fidelity === null
      ? []
      : [
          {
            title: 'a character',
            body: { prompt: `@${name} walks` },
            inputs:
              characters.counts_as === 'characters' ? ['characters'] : ['references', characters.counts_as],
          },
        ]),
  ]
  const needed = neededBy(offer, files)
  return found.map((variant) =>
    inputs.required.length === 0 || inputs.required.some((name) => variant.inputs.includes(name))
      ? variant
      : {
          ...variant,
          body: { ...needed.body, ...variant.body },
          inputs: [...needed.inputs, ...variant.inputs],
        },
  )
}

function settings(
  { audio, seed, negative_prompt: negative, options }: Offer['inputs'],
  dialect: string,
): Variant[] {
  const sounds = audio === null ? [] : { never: [false], always: [true], optional: [true, false] }[audio]
  const chosen = Object.entries(options).flatMap(([name, { type, values, min, max }]) => {
    const some = {
      string: ['x'],
      boolean: [true, false],
      number: [min ?? max ?? 1],
      integer: [min ?? max ?? 1],
    }
    return (values ?? some[type]).map((value) => ({ name, value }))
  })
  return [
    ...sounds.map((sound) => ({ title: `audio ${sound}`, body: { audio: sound }, inputs: [] })),
    ...(seed === 'unsupported' ? [] : [{ title: 'a seed', body: { seed: 7 }, inputs: [] }]),
    ...(negative === 'unsupported'
      ? []
      : [{ title: 'a negative prompt', body: { negative_prompt: 'cars' }, inputs: [] }]),
    ...chosen.map(({ name, value }) => ({
      title: `option ${name} ${value}`,
      body: { options: { [dialect]: { [name]: value } } },
      inputs: value === false ? [] : [`options.${name}`],
    })),
  ]
}

/** Every way to ask for one of these pictures. */
export function picturesIn({
  resolution,
  aspect_ratios: ratios,
  sizes,
}: Pictures): Array<Record<string, unknown>> {
  const words = resolution === null ? {} : { resolution }
  return [
    ...(sizes ?? []).map((size) => ({ size })),
    ...(ratios ?? ['16:9']).map((ratio) => ({ ...words, aspect_ratio: ratio })),
  ]
}

/** As the documentation says: the first entry that matches applies. */
export function lengthsFor({ lengths }: Pictures, inputs: readonly string[]): Lengths {
  const found = lengths.find(
    (each) => each.inputs === null || each.inputs.some((one) => inputs.includes(one)),
  )
  if (found === undefined) throw new Error('no entry of lengths matches')
  return found
}

/** Seconds that an entry lists, or some where it takes any. */
export function secondsIn({ durations, max_seconds: most }: Lengths): number[] {
  return durations ?? [1, 5, most ?? 30]
}

/** Each picture, each resolution with each of its lengths, and each input with the shortest and the longest. */
export function claimsOf(offer: Offer, variants: readonly Variant[]): Claim[] {
  return offer.pictures.flatMap((row) => [
    ...plainClaims(row, at(variants, 0)),
    ...variants.slice(1).flatMap((variant) => {
      const seconds = secondsIn(lengthsFor(row, variant.inputs))
      const ends = new Set([at(seconds, 0), at(seconds, seconds.length - 1)])
      return [...ends].map((each, index) => claim(row, at(picturesIn(row), index), variant, each))
    }),
  ])
}

/** Fewer: each picture, each resolution with each of its lengths, and each input at one of the resolutions. */
export function fewClaimsOf(offer: Offer, variants: readonly Variant[]): Claim[] {
  const others = variants.slice(1).map((variant, index) => {
    const row = at(offer.pictures, index)
    return claim(
      row,
      at(picturesIn(row), index),
      variant,
      at(secondsIn(lengthsFor(row, variant.inputs)), index),
    )
  })
  return [...offer.pictures.flatMap((row) => plainClaims(row, at(variants, 0))), ...others]
}

const plain: Variant = { title: 'words alone', body: {}, inputs: [] }

function plainClaims(row: Pictures, variant: Variant): Claim[] {
  const pictures = picturesIn(row)
  const lengths = secondsIn(lengthsFor(row, variant.inputs))
  return Array.from({ length: Math.max(pictures.length, lengths.length) }, (_none, index) =>
    claim(row, at(pictures, index), variant, at(lengths, index)),
  )
}

function claim(row: Pictures, picture: Record<string, unknown>, variant: Variant, seconds: number): Claim {
  const needsFrame = picture['aspect_ratio'] === 'auto' && variant.body['first_frame'] === undefined
  const shown = needsFrame ? { ...picture, aspect_ratio: undefined } : picture
  const sounds = row.prices.filter(
    ({ audio }) => audio === null || audio === (variant.body['audio'] ?? audio),
  )
  const dearest = Math.max(...sounds.map(({ per, usd }) => (per === 'second' ? usd * seconds : usd)))
  return {
    title: `${seconds} s, ${Object.values(picture).join(' ')}, ${variant.title}`,
    body: { duration: seconds, ...shown, ...variant.body },
    highestUsd: dearest,
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}
