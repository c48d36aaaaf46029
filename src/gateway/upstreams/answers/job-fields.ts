import { addressesIn } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import { firstIn, isFields, layersOf, nameOf, statusNames } from './layers.ts'
import type { Fields } from './layers.ts'
import { instantOf, wireId, wireText } from './wire-fields.ts'

const idNames =
  'id taskid jobid videoid generationid predictionid renderid uuid uid taskuuid jobuuid videouuid generationuuid name'.split(
    ' ',
  )
/** Names of a job here, and of a request that anything may have answered there. */
const weakIdNames = ['requestid', 'traceid']

const asId = (value: unknown) => wireId().parse(value)
const asText = (value: unknown) => wireText().parse(value)

/** What an answer says about a job, in whatever envelope and under whatever names. */
export interface JobFields {
  id: string | null
  /** In the vendor's words. */
  status: string | null
  model: string | null
  progress: unknown
  /** Jobs before this one, as the vendor counts them. */
  queuePosition: number | null
  addresses: Addresses
  /** Milliseconds since the epoch. */
  createdAt: number | null
  expiresAt: number | null
  prompt: string | null
  /** The objects it was found in, the likeliest first. */
  layers: readonly Fields[]
}

export function jobFieldsOf(value: unknown): JobFields {
  const layers = layersOf(value)
  const take = <T>(names: string, accept: (each: unknown) => T | undefined): T | null =>
    firstIn(layers, names.split(' '), accept) ?? null
  return {
    id: jobIdIn(value, layers),
    status: firstIn(layers, [...statusNames], asText) ?? null,
    model: take('model modelname modelid', asText),
    progress: take(
      'progress progresspercent percent percentage progresspercentage',
      (each) => each ?? undefined,
    ),
    queuePosition: take('queueposition positioninqueue queuepos queueindex queueahead', asCount),
    addresses: addressesIn(value),
    createdAt: take('createdat created submittime createtime submittedat', asInstant),
    expiresAt: take('expiresat expireat expirestime expiretime', asInstant),
    prompt: take('prompt', (each) => (typeof each === 'string' ? each : undefined)),
    layers,
  }
}

function asInstant(value: unknown): number | undefined {
  return instantOf(value) ?? undefined
}

function asCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : undefined
}

/**
 * The id of the job that an answer is about. An id of the request counts only where nothing else is there to be one, and
 * nothing looks like an error: errors carry such ids as well.
 */
function jobIdIn(value: unknown, layers: readonly Fields[]): string | null {
  const strong = firstIn(layers, idNames, asId)
  if (strong !== undefined) return strong
  const looksFailed = layers.some((layer) =>
    Object.entries(layer).some(([key, each]) => isComplaint(key, each)),
  )
  if (looksFailed) return null
  const weak = firstIn(layers, weakIdNames, asId)
  if (weak !== undefined) return weak
  return isFields(value) || typeof value !== 'string' ? null : (asId(value) ?? null)
}

function isComplaint(key: string, value: unknown): boolean {
  if (value === null || value === '' || value === false) return false
  const name = nameOf(key)
  if (
    /^(error|errors|detail|errorcode|errorcode|errcode|errormessage|errmsg|failreason|baseresp)$/.test(name)
  )
    return !(isFields(value) && Object.values(value).every((each) => each === 0 || each === 'success'))
  const code = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
  return name === 'code' && !/^(0|20\d|success|ok|200000?)$/i.test(code)
}
