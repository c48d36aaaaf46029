import type { OptionValue } from './request-inputs.ts'

export const optionTypes = ['string', 'number', 'integer', 'boolean'] as const
export type OptionType = (typeof optionTypes)[number]

/** What a value of an option does to the price. */
export type PriceEffect =
  | { type: 'times'; factor: number }
  | { type: 'per_second'; micros: number }
  | { type: 'per_request'; micros: number }

/** A setting that only this vendor knows. */
export interface OptionSpec {
  type: OptionType
  /** Null: any of the type. */
  values: OptionValue[] | null
  /** Of numbers; null: no bound. */
  min: number | null
  max: number | null
  /** By value, as text. */
  price: Record<string, PriceEffect>
}

/** What the gateway says itself, by the names that vendors have for it. It is never an option. */
export const reservedOptions: readonly string[] = [
  'model',
  'model_name',
  'prompt',
  'negative_prompt',
  'duration',
  'seconds',
  'length',
  'size',
  'resolution',
  'aspect_ratio',
  'ratio',
  'n',
  'count',
  'num_videos',
  'sample_count',
  'seed',
  'audio',
  'generate_audio',
  'first_frame',
  'last_frame',
  'references',
  'callback',
  'callback_url',
  'callback_id',
  'webhook',
  'webhook_url',
  'webhook_config',
  'notify_url',
  'external_task_id',
  'storage',
  'storage_uri',
  'upload_url',
  'output_url',
]

/** Why this is no value of the option; null where it is one. */
export function faultOfOption({ type, values, min, max }: OptionSpec, value: OptionValue): string | null {
  if (type === 'integer' ? !Number.isInteger(value) : typeof value !== type) return `must be ${nameOf[type]}`
  if (values !== null && !values.includes(value)) return `must be one of ${values.map(String).join(', ')}`
  if (typeof value === 'number' && min !== null && value < min) return `must be at least ${min}`
  if (typeof value === 'number' && max !== null && value > max) return `must be at most ${max}`
  return null
}

const nameOf: Record<OptionType, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
}

/** A price in micro-dollars with the effects of the chosen options: factors first, then what is added. */
export function withOptions(
  micros: number,
  durationSeconds: number,
  chosen: Readonly<Record<string, OptionValue>>,
  specs: Readonly<Record<string, OptionSpec>>,
): number {
  let factor = 1
  let added = 0
  for (const [name, value] of Object.entries(chosen)) {
    const effect = specs[name]?.price[String(value)]
    if (effect?.type === 'times') factor *= effect.factor
    else if (effect?.type === 'per_second') added += effect.micros * durationSeconds
    else if (effect?.type === 'per_request') added += effect.micros
  }
  return Math.round(micros * factor + added)
}
