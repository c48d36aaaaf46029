/** The names that a description defines, for the calls that may use them. */
export interface Names {
  /** Placeholders defined by `values`. */
  values: readonly string[]
  /** Stored values of a job, of a character's job, and of the call before the character is created. */
  jobKept: readonly string[]
  /** Stored values of the call before a create, and of the final response. */
  preparedKept: readonly string[]
  /** Of the call that begins an upload. */
  uploadKept: readonly string[]
  resultKept: readonly string[]
  characterKept: readonly string[]
  beforeKept: readonly string[]
}

/** What every call of a create may say, beside what the description defines. */
export const createNames = [
  'model',
  'prompt',
  'seconds',
  'size',
  'width',
  'height',
  'ratio',
  'resolution',
  'orientation',
  'reference',
  'first_frame',
  'last_frame',
  'references',
  'images',
  'videos',
  'audios',
  'image_files',
  'video_files',
  'audio_files',
  'audio',
  'negative_prompt',
  'aspect_ratio',
  'options',
  'characters',
  'several_models',
  'several_sizes',
  'uuid',
  'seed',
  'asked_seed',
]

const characterNames = ['name', 'description', 'clip', 'pictures', 'start', 'end', 'timestamps']

/** The names that the templates of each call may use. */
export function calledNames({
  values,
  jobKept,
  characterKept,
  beforeKept,
  preparedKept,
  uploadKept,
  resultKept,
}: Names) {
  const fromJob = [...characterNames, 'job', ...jobKept]
  return {
    values: createNames,
    createBefore: [...createNames, ...values],
    upload: ['file'],
    uploadSend: ['file', ...uploadKept],
    create: [...createNames, ...values, ...preparedKept],
    knownId: ['uuid'],
    poll: ['id', ...jobKept],
    content: ['id', ...jobKept, ...resultKept],
    characterBefore: { fromClip: characterNames, fromJob },
    characterCreate: { fromClip: [...characterNames, ...beforeKept], fromJob: [...fromJob, ...beforeKept] },
    characterPoll: ['id', ...characterKept],
  }
}

export type CallNames = ReturnType<typeof calledNames>

/** Reads the names from a description that is not validated yet. */
export function namesIn(raw: unknown): Names {
  const makers = ['create', 'from_job']
  return {
    values: keysAt(raw, ['values']),
    jobKept: keysAt(raw, ['create', 'keep']),
    preparedKept: keysAt(raw, ['create', 'before', 'keep']),
    uploadKept: keysAt(raw, ['create', 'uploads', 'keep']),
    resultKept: keysAt(raw, ['poll', 'keep']),
    characterKept: makers.flatMap((maker) => keysAt(raw, ['characters', maker, 'keep'])),
    beforeKept: makers.flatMap((maker) => keysAt(raw, ['characters', maker, 'before', 'keep'])),
  }
}

function keysAt(raw: unknown, path: readonly string[]): string[] {
  const [key, ...rest] = path
  if (typeof raw !== 'object' || raw === null) return []
  if (key === undefined) return Object.keys(raw)
  return Object.hasOwn(raw, key) ? keysAt(Reflect.get(raw, key), rest) : []
}
