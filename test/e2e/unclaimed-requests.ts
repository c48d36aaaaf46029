import { lengthsFor, neededBy, picturesIn } from './claimed-requests.ts'
import type { Offer, Variant } from './claimed-requests.ts'

export interface Outside {
  title: string
  body: Record<string, unknown>
  code: string
}

type Files = Record<'first' | 'last' | 'image' | 'video' | 'audio', string>

/** Requests that go just beyond what an offer lists, and the code that leaves the upstream out. */
export function outsideOf(offer: Offer, variants: readonly Variant[], files: Files): Outside[] {
  const needed = neededBy(offer, files)
  const usual = { ...firstPicture(offer), ...needed.body, duration: usualSeconds(offer) }
  return [
    ...lengthsOutside(offer, variants),
    ...(needed.inputs.length > 0 ? [{ title: 'words alone', body: {}, code: 'input_unsupported' }] : []),
    ...picturesOutside(offer).map((each) => ({
      ...each,
      body: { duration: usual.duration, ...needed.body, ...each.body },
    })),
    ...inputsOutside(offer, files).map((each) => ({ ...each, body: { ...usual, ...each.body } })),
    ...exclusiveInputs(offer, variants).map((each) => ({ ...each, body: { ...usual, ...each.body } })),
  ]
}

function firstPicture({ pictures: [row] }: Offer): Record<string, unknown> {
  const [first = {}] = row === undefined ? [] : picturesIn(row)
  return first
}

function usualSeconds({ pictures: [row] }: Offer): number {
  return row === undefined ? 5 : (lengthsFor(row, []).durations?.[0] ?? 5)
}

function lengthsOutside({ pictures }: Offer, variants: readonly Variant[]): Outside[] {
  return pictures.flatMap((row) =>
    variants.flatMap(({ title, body, inputs }) => {
      const { durations, whole_seconds: isWhole, max_seconds: most } = lengthsFor(row, inputs)
      const longest = durations === null ? most : (durations.at(-1) ?? null)
      const seconds = [
        ...(longest === null ? [] : [longest + 1]),
        ...(durations === null ? [] : [(durations[0] ?? 1) + 0.5]),
        ...(durations === null && isWhole ? [4.5] : []),
      ]
      return seconds.map((duration) => ({
        title: `${duration} s, ${row.resolution}, ${title}`,
        body: { ...picturesIn(row)[0], ...body, duration },
        code: 'duration_unsupported',
      }))
    }),
  )
}

const code = 'size_unsupported'

function picturesOutside({ pictures }: Offer): Outside[] {
  const resolutions = pictures.map(({ resolution }) => resolution)
  const isOpen = resolutions.includes(null)
  const other = ['144p', '2000p'].filter((each) => !isOpen && !resolutions.includes(each))
  const isAnyRatio = pictures.some(({ aspect_ratios: ratios }) => ratios === null)
  const isAnySize = pictures.some(({ sizes, aspect_ratios: ratios }) => sizes === null && ratios === null)
  return [
    ...other.map((resolution) => ({ title: resolution, body: { resolution }, code })),
    ...(isAnyRatio ? [] : [{ title: '5:1', body: { aspect_ratio: '5:1' }, code }]),
    ...(isAnySize && isOpen ? [] : [{ title: '640x128', body: { size: '640x128' }, code }]),
    ...pictures.flatMap(({ resolution, aspect_ratios: ratios }) =>
      resolution === null || ratios === null || ratios.length === 0
        ? []
        : [{ title: `${resolution} at 5:1`, body: { resolution, aspect_ratio: '5:1' }, code }],
    ),
  ]
}

function no(title: string, body: object, why = 'input_unsupported'): Outside {
  return { title, body: { ...body }, code: why }
}

function inputsOutside({ inputs, reference, characters }: Offer, files: Files): Outside[] {
  const first = { first_frame: { image_url: files.first } }
  const last = { last_frame: { image_url: files.last } }
  const { references, last_frame: lastFrame } = inputs
  const tooMany = (['image', 'video', 'audio'] as const).flatMap((kind) => {
    const count = Math.min(references[kind]?.max ?? 0, references.max ?? 16) + 1
    const one = { [`${kind}_url`]: files[kind] }
    return count > 16
      ? []
      : [no(`${count} ${kind} references`, { references: Array.from({ length: count }, () => one) })]
  })
  const sounds = { never: [true], always: [false], optional: [] }
  return [
    ...(inputs.first_frame ? [] : [no('a first frame', first)]),
    ...(lastFrame === 'any' ? [] : [no('a last frame alone', last)]),
    ...(lastFrame === 'none' ? [no('both frames', { ...first, ...last })] : []),
    ...tooMany,
    ...(inputs.audio === null ? [true, false] : sounds[inputs.audio]).map((audio) =>
      no(`audio ${audio}`, { audio }, 'audio_unsupported'),
    ),
    ...(inputs.seed === 'unsupported' ? [no('a seed', { seed: 1 })] : []),
    ...(inputs.negative_prompt === 'unsupported'
      ? [no('a negative prompt', { negative_prompt: 'cars' })]
      : []),
    ...(['image', 'video'] as const)
      .filter((kind) => !reference.includes(kind))
      .map((kind) =>
        no(
          `a ${kind} as reference`,
          { reference: { [`${kind}_url`]: files[kind] }, references: undefined },
          'reference_unsupported',
        ),
      ),
    ...(characters.fidelity === null
      ? [no('a character', { prompt: '@somebody walks' }, 'character_unsupported')]
      : []),
  ]
}

/** Two inputs of a group that excludes them. */
function exclusiveInputs({ inputs }: Offer, variants: readonly Variant[]): Outside[] {
  const bodyOf = (name: string) =>
    variants.find((each) => each.inputs.includes(name) && !('reference' in each.body))?.body
  return inputs.exclusive.flatMap((group) => {
    const [one, other] = group.map(bodyOf)
    if (one === undefined || other === undefined) return []
    return [
      {
        title: group.join(' with '),
        body: { ...other, ...one, options: bothOptions(one, other) },
        code: 'input_unsupported',
      },
    ]
  })
}

/** Options of both, which stand under one dialect. */
function bothOptions(...bodies: Array<Record<string, any>>): Record<string, object> | undefined {
  const all = bodies.flatMap((body) => Object.entries<object>(body['options'] ?? {}))
  const [first] = all
  return first && { [first[0]]: Object.assign({}, ...all.map(([, chosen]) => chosen)) }
}
