import { z } from 'zod'
import { parseJson } from '../answers/json-body.ts'
import { probeFailure } from '../answers/verdicts/probe-reading.ts'
import type { ProbeRules } from '../answers/verdicts/probe-reading.ts'
import type { Probe } from '../dialect.ts'
import { decodeList, listCall } from './list.ts'
import type { Traits } from './traits.ts'

const modelList = z.object({ data: z.array(z.object({ id: z.string() })) })

/**
 * The list of jobs, and `GET /models`, with which clients check their key (docs/vendors/openai-videos.md#endpoints). Azure
 * lists what can be deployed there, not what is.
 */
export function openaiProbes({ list, auth }: Traits, rules: ProbeRules): Probe[] {
  return [...(list === false ? [] : [listProbe(rules)]), ...(auth === 'api-key' ? [] : [modelsProbe(rules)])]
}

function listProbe(rules: ProbeRules): Probe {
  return {
    operation: 'list',
    call: listCall(null),
    decode(answer) {
      const page = decodeList(answer)
      return page.type === 'page'
        ? { status: 'ok', message: null, jobs: page.jobs.length }
        : probeFailure(answer, rules)
    },
  }
}

function modelsProbe(rules: ProbeRules): Probe {
  return {
    operation: 'models',
    call: { method: 'GET', path: '/models', body: null },
    decode(answer) {
      const listed = answer.status < 300 ? modelList.safeParse(parseJson(answer.body)).data : undefined
      return listed === undefined
        ? probeFailure(answer, rules)
        : { status: 'ok', message: null, models: listed.data.map(({ id }) => id) }
    },
  }
}
