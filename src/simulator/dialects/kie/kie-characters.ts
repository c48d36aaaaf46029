import type { SimulatedCharacter } from '../../clips/character-book.ts'
import { readSpan } from '../../clips/clip-span.ts'
import type { VendorContext } from '../../dialect.ts'
import { fetchClip } from '../../clips/fetch-media.ts'
import { hex } from '../../ids.ts'
import type { WantedCharacter } from '../../jobs/accept-create.ts'
import { jobUnknown, unfetchable } from '../../faults/vendor-errors.ts'
import { accepted, invalidRequest, invalidType } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import type { Vendor } from '../../jobs/vendor.ts'
import { listOf } from '../json-order.ts'

const fromFile = 'sora-2-characters'
const fromTask = 'sora-2-characters-pro'

export function isCharacterModel(model: unknown): model is typeof fromFile | typeof fromTask {
  return model === fromFile || model === fromTask
}

/** A character by job, from a file's URL or from an earlier task (docs/vendors/job-apis.md#kie). */
export async function readKieCharacter(
  model: string,
  input: Record<string, unknown>,
  context: VendorContext,
): Promise<Verdict<WantedCharacter>> {
  const description = input['character_prompt']
  if (typeof description !== 'string' || description === '')
    return invalidType('character_prompt', 'a string')
  const clip = model === fromTask ? readTask(input, context) : await readFile(input, context)
  if (!clip.ok) return clip
  return accepted({ ...clip.value, description, id: `char_${hex(8)}`, taskId: hex(16) })
}

type Clip = Pick<WantedCharacter, 'name' | 'source' | 'handle'> & { span?: SimulatedCharacter['span'] }

async function readFile(input: Record<string, unknown>, { closing }: VendorContext): Promise<Verdict<Clip>> {
  const urls = listOf(input['character_file_url'], 'character_file_url')
  if (!urls.ok) return urls
  const [url = ''] = urls.value
  if ((await fetchClip(url, closing)) === null) return unfetchable('character_file_url')
  return accepted({ name: 'character', source: { type: 'url', url } })
}

function readTask(input: Record<string, unknown>, { vendor }: VendorContext): Verdict<Clip> {
  const { origin_task_id: task, character_user_name: name } = input
  if (typeof name !== 'string' || name === '' || name.length >= 40)
    return invalidRequest("Invalid 'character_user_name': expected 1 to 39 characters.", {
      param: 'character_user_name',
    })
  if (vendor.characters.find(name) !== undefined)
    return invalidRequest('The character user name is taken.', { param: 'character_user_name' })
  const job = typeof task === 'string' ? vendor.jobs.find(task) : undefined
  if (job === undefined) return { ok: false, error: jobUnknown(String(task)) }
  if (job.end?.failure !== null)
    return invalidRequest('The origin task is not completed.', { param: 'origin_task_id' })
  const rules = { param: 'timestamps', min: 1, max: 4, byDefault: null }
  const span = readSpan(input['timestamps'], rules, job.order.seconds)
  if (!span.ok) return span
  return accepted({ name, handle: name, source: { type: 'job', id: job.id }, span: span.value })
}

const states = { pending: 'generating', ready: 'success', failed: 'fail' }

/** The record of a character's job. Its id is in a JSON string too. */
export function describeCharacterTask(vendor: Vendor, character: SimulatedCharacter) {
  const { state, failure } = character
  const result = { resultObject: { character_id: character.id } }
  return {
    taskId: character.taskId,
    model: character.source.type === 'job' ? fromTask : fromFile,
    state: states[state],
    resultJson: state === 'ready' ? JSON.stringify(result) : '',
    failCode: failure === null ? null : failure.code === vendor.speech.refusal.late ? '422' : '500',
    failMsg: failure?.message ?? null,
    progress: vendor.characters.progress(character),
    createTime: character.createdAt,
  }
}
