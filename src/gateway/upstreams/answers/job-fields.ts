import { addressesIn } from './addresses.ts'
import type { Addresses } from './addresses.ts'
import { firstIn, isFields, layersOf, nameOf, statusNames } from './layers.ts'
import type { Fields } from './layers.ts'
import { asCount, instantOf, wireId, wireText } from './wire-fields.ts'

const idNames =
  'id taskid jobid videoid generationid predictionid renderid uuid uid taskuuid jobuuid videouuid generationuuid name'.split(
    ' ',
  )
/** Some vendors use these names for the job, others for the request. */
const weakIdNames = ['requestid', 'traceid']

const asId = (value: unknown) => wireId.parse(value)
const asText = (value: unknown) => wireText.parse(value)

/** What a response says about a job, in any envelope and under any field names. */
export interface JobFields {
  id: string | null
  /** The vendor's own status word. */
  status: string | null
  model: string | null
  progress: unknown
  /** The number of jobs before this one, as counted by the vendor. */
  queuePosition: number | null
  addresses: Addresses
  /** Milliseconds since the epoch. */
  createdAt: number | null
  expiresAt: number | null
  prompt: string | null
  /** The objects that were searched, the most likely first. */
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

/**
 * The id of the job that a response is about. A request id counts only if there is no other id and nothing looks like
 * an error, because errors carry request ids too.
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
