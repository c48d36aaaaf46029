import * as z from 'zod'
import {
  audioSupports,
  inputNames,
  isInputName,
  lastFrameSupports,
  settingSupports,
} from '../../domain/inputs/capabilities.ts'
import { optionTypes, reservedOptions } from '../../domain/inputs/options.ts'
import { isAspectRatio, isResolution } from '../../domain/inputs/picture.ts'
import { mostReferences, referenceRoles } from '../../domain/inputs/request-inputs.ts'
import { count, setOf, text, usd } from './fields.ts'

const resolution = z.string().refine(isResolution, 'should be lines or k, such as 720p or 4k')
const aspectRatio = z
  .string()
  .refine((value) => value === 'auto' || isAspectRatio(value), 'should be W:H, such as 16:9, or auto')

const referenceLimit = z
  .strictObject({
    max: count.max(mostReferences),
    roles: setOf(z.enum(referenceRoles)).nullable().default(null),
  })
  .optional()

const optionValue = z.union([text, z.number(), z.boolean()], {
  error: 'should be text, a number, true or false',
})

const priceEffect = z
  .strictObject({
    times: z.number().min(0).max(1000).optional(),
    per_second_usd: usd.optional(),
    per_request_usd: usd.optional(),
  })
  .refine(
    (effect) => Object.keys(effect).length === 1,
    'should be one of times, per_second_usd and per_request_usd',
  )

const optionSpec = z
  .strictObject({
    type: z.enum(optionTypes),
    values: setOf(optionValue).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    price: z.record(z.string(), priceEffect).default({}),
  })
  .superRefine(({ type, values, min, max, price }, context) => {
    const fault = (path: Array<string | number>, message: string) =>
      context.addIssue({ code: 'custom', path, message })
    const isNumber = type === 'number' || type === 'integer'
    if (!isNumber && min !== undefined) fault(['min'], 'is a bound of numbers; remove it')
    if (!isNumber && max !== undefined) fault(['max'], 'is a bound of numbers; remove it')
    for (const [index, value] of (values ?? []).entries()) {
      if (typeof value !== (isNumber ? 'number' : type)) fault(['values', index], `is not of type ${type}`)
    }
    const known = values ?? (type === 'boolean' ? [true, false] : null)
    for (const value of Object.keys(price))
      if (known?.map(String).includes(value) === false)
        fault(['price', value], 'is the price of a value that the option does not have')
  })

const optionName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'should be letters, digits and `_`')
  .refine((name) => !reservedOptions.includes(name), 'is set by the gateway itself and cannot be an option')

const inputName = z
  .string()
  .refine(isInputName, `should be ${inputNames.join(', ')} or an option such as options.mode`)

const lengthRule = z
  .strictObject({
    resolutions: setOf(resolution).optional(),
    inputs: setOf(inputName).optional(),
    durations: setOf(z.number().min(0.1).max(3600)),
  })
  .refine(
    ({ resolutions, inputs }) => resolutions !== undefined || inputs !== undefined,
    'should say where these lengths hold: write resolutions or inputs',
  )

/** What an upstream can be asked for beside words, a length, a size and one reference. */
export const capabilitiesSchema = z.strictObject({
  first_frame: z.boolean().default(false),
  last_frame: z.enum(lastFrameSupports).default('none'),
  references: z
    .strictObject({
      image: referenceLimit,
      video: referenceLimit,
      audio: referenceLimit,
      max: count.max(mostReferences).optional(),
    })
    .prefault({}),
  exclusive_inputs: z.array(setOf(inputName).min(2, 'should name at least two inputs')).default([]),
  required_inputs: setOf(inputName).default([]),
  audio: z.enum(audioSupports).optional(),
  seed: z.enum(settingSupports).default('dropped'),
  negative_prompt: z.enum(settingSupports).default('unsupported'),
  resolutions: setOf(resolution).optional(),
  aspect_ratios: setOf(aspectRatio).optional(),
  lengths: z.array(lengthRule).default([]),
  options: z.record(optionName, optionSpec).default({}),
})

export type FileCapabilities = z.output<typeof capabilitiesSchema>
