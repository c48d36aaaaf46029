import type { Schemas } from '../api/client.ts'
import { sceneLines } from './scenes.ts'
import type { Draft } from './studio-draft.ts'

/** A file of the form, by the name of its part. */
export type Files = Readonly<Partial<Record<FilePart, File>>>
export const fileParts = ['reference', 'first_frame', 'last_frame'] as const
export type FilePart = (typeof fileParts)[number]

type Body = Schemas['GenerateRequest']
type Settings = Schemas['SeriesSettings']

/** A number above zero; undefined for no text, NaN for anything else. */
function numberIn(text: string): number | undefined {
  const trimmed = text.trim().replace(/^\$/u, '').replace(',', '.')
  if (trimmed === '') return undefined
  const value = /^\d*\.?\d+$/u.test(trimmed) ? Number(trimmed) : Number.NaN
  return value > 0 ? value : Number.NaN
}

const videoNames = /\.(?:mp4|mov|m4v)$/iu

/** A video by the ending of its path, else a picture. */
function referenceOf(url: string): Schemas['Reference'] {
  const path = url.split(/[?#]/u, 1)[0] ?? ''
  return videoNames.test(path) ? { video_url: url } : { image_url: url }
}

export interface DraftFault {
  field: 'duration' | 'maxCost' | 'seed' | 'metadata'
}

/** What cannot be asked at all, so that the gateway need not be asked about it. */
export function faultsOfDraft(draft: Draft): DraftFault[] {
  const seed = draft.seed.trim()
  return [
    ...(Number.isNaN(numberIn(draft.duration)) ? [{ field: 'duration' } as const] : []),
    ...(Number.isNaN(numberIn(draft.maxCost)) ? [{ field: 'maxCost' } as const] : []),
    ...(seed !== '' && !/^\d{1,10}$/u.test(seed) ? [{ field: 'seed' } as const] : []),
    ...(metadataOf(draft.metadata) === null ? [{ field: 'metadata' } as const] : []),
  ]
}

/** `name = value`, one a line; null where a line has no `=` or no name. */
export function metadataOf(text: string): Record<string, string> | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const entries = lines.map((line) => {
    const at = line.indexOf('=')
    return [line.slice(0, Math.max(0, at)).trim(), line.slice(at + 1).trim()] as const
  })
  return entries.every(([name], index) => name !== '' && (lines[index] ?? '').includes('='))
    ? Object.fromEntries(entries)
    : null
}

function routingOf(draft: Draft, maxCost: number | undefined): Schemas['Routing'] | undefined {
  const routing: Schemas['Routing'] = {
    ...(draft.priority !== '' && { priority: draft.priority }),
    ...(draft.upstreams.length > 0 && { upstreams: [...draft.upstreams] }),
    ...(!draft.fallback && { fallback: false }),
    ...(draft.nativeOnly && { character_fidelity: 'native' }),
    ...(draft.exactLength && { duration: 'exact' }),
    ...(maxCost !== undefined && { max_cost_usd: maxCost }),
  }
  return Object.keys(routing).length === 0 ? undefined : routing
}

/** Everything but the prompt. `maxCost` is the ceiling of one video, or undefined. */
function settingsOf(draft: Draft, maxCost: number | undefined): Settings {
  const duration = numberIn(draft.duration)
  const negative = draft.negative.trim()
  const seed = draft.seed.trim()
  const url = draft.referenceUrl.trim()
  const routing = routingOf(draft, maxCost)
  return {
    ...(draft.model !== '' && { model: draft.model }),
    ...(duration !== undefined && { duration }),
    ...(draft.size !== '' && { size: draft.size }),
    ...(draft.sound !== '' && { audio: draft.sound === 'with' }),
    ...(seed !== '' && { seed: Number(seed) }),
    ...(negative !== '' && { negative_prompt: negative }),
    ...(url !== '' && { reference: referenceOf(url) }),
    ...(routing !== undefined && { routing }),
  }
}

/** The body of `POST /generate` for one scene. The ceiling holds for this video alone. */
export function requestOf(draft: Draft, prompt: string): Body {
  const metadata = metadataOf(draft.metadata) ?? {}
  return {
    prompt,
    ...settingsOf(draft, numberIn(draft.maxCost)),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

/** The bodies of all scenes, as single videos. */
export function requestsOf(draft: Draft): Body[] {
  if (draft.mode === 'one') {
    const prompt = draft.prompt.trim()
    return prompt === '' ? [] : [requestOf(draft, prompt)]
  }
  return sceneLines(draft.lines).map(({ prompt }) => requestOf(draft, prompt))
}

/** The body of `POST /series`. The ceiling holds for all scenes together. */
export function seriesOf(draft: Draft): Schemas['SeriesRequest'] {
  const name = draft.seriesName.trim()
  const metadata = metadataOf(draft.metadata) ?? {}
  const maxCost = numberIn(draft.maxCost)
  return {
    ...(name !== '' && { name }),
    characters: [...draft.shared],
    settings: settingsOf(draft, undefined),
    scenes: sceneLines(draft.lines).map(({ prompt }) => ({ prompt })),
    ...(maxCost !== undefined && { max_cost_usd: maxCost }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  }
}

/** The body of `POST /series/route` that prices several single videos: each with its own ceiling, and nothing shared. */
export function pricedTogether(draft: Draft): Schemas['SeriesRequest'] {
  return {
    characters: [],
    settings: settingsOf(draft, numberIn(draft.maxCost)),
    scenes: sceneLines(draft.lines).map(({ prompt }) => ({ prompt })),
  }
}

/** A body with files: flat fields, and JSON text where a field has members. */
export function formOf({ reference, ...body }: Body, files: Files): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(body)) {
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value))
  }
  if (files.reference === undefined && reference !== undefined) {
    if (reference.image_url !== undefined) form.append('reference_image_url', reference.image_url)
    if (reference.video_url !== undefined) form.append('reference_video_url', reference.video_url)
  }
  for (const part of fileParts) {
    const file = files[part]
    if (file !== undefined) form.append(part, file, file.name)
  }
  return form
}

/** What recognises a body with its files: two of the same text are the same request. */
export function stampOf(body: unknown, files: Files): string {
  const stamps = fileParts.flatMap((part) => {
    const file = files[part]
    return file === undefined ? [] : [`${part}:${file.name}:${file.size}:${file.lastModified}`]
  })
  return [JSON.stringify(body), ...stamps].join('\n')
}
