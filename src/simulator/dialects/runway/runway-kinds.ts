import { z } from 'zod'
import type { VendorContext } from '../../dialect.ts'
import { accepted, invalidRequest, invalidType, invalidValue } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { NamedMedium } from '../media/media-order.ts'

/** The last part of the path of a create: what the video is made from. */
export const runwayKinds = ['text_to_video', 'image_to_video', 'video_to_video'] as const
export type RunwayKind = (typeof runwayKinds)[number]

const isEditor = (model: unknown) => typeof model === 'string' && model.startsWith('aleph')
/** Models of others take references and a last frame; Runway's own do not. */
const isOwn = (model: unknown) => typeof model === 'string' && model.startsWith('gen4')

export function checkRunwayModel(
  { vendor }: VendorContext,
  kind: RunwayKind,
  model: unknown,
): Verdict<string> {
  const { models } = vendor.upstream
  const known = models.find((each) => each === model)
  const isThere =
    known !== undefined &&
    isEditor(known) === (kind === 'video_to_video') &&
    (known !== 'gen4_turbo' || kind === 'image_to_video')
  return isThere ? accepted(known) : invalidValue('model', model, models)
}

const uri = z.string().min(1)
const prompts = z.union([
  uri,
  z
    .array(z.strictObject({ uri, position: z.enum(['first', 'last']) }))
    .min(1)
    .max(2),
])
const images = z.array(z.strictObject({ uri })).max(9)
const videos = z.array(z.strictObject({ type: z.literal('video'), uri })).max(3)
const sounds = z.array(z.strictObject({ type: z.literal('audio'), uri })).max(3)

export function readRunwayMedia(
  fields: Record<string, unknown>,
  kind: RunwayKind,
): Verdict<readonly NamedMedium[]> {
  if (kind === 'video_to_video') {
    const source = uri.safeParse(fields['videoUri'])
    if (!source.success) return invalidType('videoUri', 'a URL')
    return accepted([{ kind: 'video', role: 'reference', url: source.data }])
  }
  const referred = referencesOf(fields)
  if (!referred.ok) return referred
  if (isOwn(fields['model']) && referred.value.length > 0)
    return invalidRequest('Unrecognized key(s) in object', { param: 'references' })
  if (kind === 'text_to_video') return referred
  if (referred.value.some((each) => each.kind !== 'audio'))
    return invalidRequest('Unrecognized key(s) in object', { param: 'references' })
  const framed = framesOf(fields)
  return framed.ok ? accepted([...framed.value, ...referred.value]) : framed
}

function framesOf({ promptImage, model }: Record<string, unknown>): Verdict<readonly NamedMedium[]> {
  const parsed = prompts.safeParse(promptImage)
  if (!parsed.success) return invalidType('promptImage', 'a URL, or a list of URLs with positions')
  const listed =
    typeof parsed.data === 'string' ? [{ uri: parsed.data, position: 'first' as const }] : parsed.data
  if (isOwn(model) && listed.some(({ position }) => position === 'last'))
    return invalidValue('promptImage[1].position', 'last', ['first'])
  return accepted(
    listed.map(({ uri: url, position }) => ({
      kind: 'image',
      role: position === 'first' ? 'first_frame' : 'last_frame',
      url,
    })),
  )
}

function referencesOf(fields: Record<string, unknown>): Verdict<readonly NamedMedium[]> {
  const pictures = images.safeParse(fields['references'] ?? [])
  if (!pictures.success) return invalidType('references', 'up to nine objects with uri')
  const clips = videos.safeParse(fields['referenceVideos'] ?? [])
  if (!clips.success) return invalidType('referenceVideos', 'up to three objects with type and uri')
  const voices = sounds.safeParse(fields['referenceAudio'] ?? [])
  if (!voices.success) return invalidType('referenceAudio', 'up to three objects with type and uri')
  const all = [
    ...pictures.data.map((each) => ({ ...each, kind: 'image' as const })),
    ...clips.data.map((each) => ({ ...each, kind: 'video' as const })),
    ...voices.data.map((each) => ({ ...each, kind: 'audio' as const })),
  ]
  return accepted(all.map(({ kind, uri: url }) => ({ kind, role: 'reference', url })))
}
