/** What stands in the form of the studio, as typed. Empty text is: not said. */
export interface Draft {
  mode: 'one' | 'several'
  prompt: string
  /** One scene a line. */
  lines: string
  sendAs: 'videos' | 'series'
  seriesName: string
  /** Names of characters that a series puts in front of scenes that name nobody. */
  shared: readonly string[]
  model: string
  duration: string
  /** `landscape`, `portrait` or pixels such as `1280x720`. */
  size: string
  priority: '' | 'cost' | 'stability'
  nativeOnly: boolean
  exactLength: boolean
  fallback: boolean
  maxCost: string
  upstreams: readonly string[]
  sound: '' | 'with' | 'without'
  seed: string
  negative: string
  /** A picture or a video to follow, by its address. */
  referenceUrl: string
  /** `name = value`, one a line. */
  metadata: string
}

export const emptyDraft: Draft = {
  mode: 'one',
  prompt: '',
  lines: '',
  sendAs: 'videos',
  seriesName: '',
  shared: [],
  model: '',
  duration: '',
  size: 'landscape',
  priority: '',
  nativeOnly: false,
  exactLength: false,
  fallback: true,
  maxCost: '',
  upstreams: [],
  sound: '',
  seed: '',
  negative: '',
  referenceUrl: '',
  metadata: '',
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

/** Reads a draft that was kept as JSON text: what is missing or of another kind is as in an empty one. */
export function parseDraft(text: string | null): Draft {
  let kept: unknown = null
  try {
    kept = JSON.parse(text ?? 'null')
  } catch {
    return emptyDraft
  }
  if (typeof kept !== 'object' || kept === null) return emptyDraft
  const entries = new Map<string, unknown>(Object.entries(kept))
  const textAt = (key: keyof Draft, usual: string) => {
    const value = entries.get(key)
    return typeof value === 'string' ? value : usual
  }
  const listAt = (key: keyof Draft): readonly string[] => {
    const value = entries.get(key)
    return isTexts(value) ? value : []
  }
  const priority = textAt('priority', '')
  const sound = textAt('sound', '')
  return {
    mode: textAt('mode', 'one') === 'several' ? 'several' : 'one',
    prompt: textAt('prompt', ''),
    lines: textAt('lines', ''),
    sendAs: textAt('sendAs', 'videos') === 'series' ? 'series' : 'videos',
    seriesName: textAt('seriesName', ''),
    shared: listAt('shared'),
    model: textAt('model', ''),
    duration: textAt('duration', ''),
    size: textAt('size', emptyDraft.size),
    priority: priority === 'cost' || priority === 'stability' ? priority : '',
    nativeOnly: entries.get('nativeOnly') === true,
    exactLength: entries.get('exactLength') === true,
    fallback: entries.get('fallback') !== false,
    maxCost: textAt('maxCost', ''),
    upstreams: listAt('upstreams'),
    sound: sound === 'with' || sound === 'without' ? sound : '',
    seed: textAt('seed', ''),
    negative: textAt('negative', ''),
    referenceUrl: textAt('referenceUrl', ''),
    metadata: textAt('metadata', ''),
  }
}

interface Generation {
  prompt: string | null
  model: string
  duration: number
  size: string
  metadata: Readonly<Record<string, string>>
  inputs: { audio: boolean | null; seed: number | null; negative_prompt: string | null } | null
  route: { priority: string }
}

/** The form as it would have to be filled in for the same request again, as far as a generation tells. Files are not kept. */
export function draftOf({ prompt, model, duration, size, metadata, inputs, route }: Generation): Draft {
  return {
    ...emptyDraft,
    prompt: prompt ?? '',
    model,
    duration: String(duration),
    size,
    priority: route.priority === 'stability' ? 'stability' : 'cost',
    sound: inputs?.audio === true ? 'with' : inputs?.audio === false ? 'without' : '',
    seed: inputs?.seed?.toString() ?? '',
    negative: inputs?.negative_prompt ?? '',
    metadata: Object.entries(metadata)
      .map(([name, value]) => `${name} = ${value}`)
      .join('\n'),
  }
}
