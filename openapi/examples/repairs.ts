import { z } from 'zod'
import type { ExampleStage } from './stage.ts'
import { idOf, untilEnded, untilSeriesEnded } from './steps.ts'
import type { Note } from './steps.ts'

const Attempted = z.looseObject({ attempts: z.array(z.looseObject({ id: z.string() })).min(1) })
const Delivered = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })).min(1) })

const officialFirst = { priority: 'stability' }

/** A generation whose create was taken, and paid, but not answered. */
async function loseAnswer(stage: ExampleStage): Promise<{ id: string; attempt: string }> {
  stage.setFaults('openai', [
    { kind: 'server_error', status: 502, body: 'html', accepted: true, times: 1 },
    { kind: 'down', on: ['list'] },
  ])
  const id = idOf(
    (
      await stage.call('POST', '/generate', {
        prompt: 'a kite over the dunes',
        duration: 8,
        routing: officialFirst,
        webhook_url: `${stage.simulatorOrigin}/hooks`,
      })
    ).body,
  )
  await stage.pass(0)
  return { id, attempt: await lastAttempt(stage, id) }
}

async function lastAttempt(stage: ExampleStage, id: string): Promise<string> {
  const { attempts } = Attempted.parse((await stage.call('GET', `/generations/${id}`)).body)
  return attempts.at(-1)?.id ?? ''
}

/** What people do when an upstream may have been paid, a job has failed, or a webhook did not arrive. */
export async function repairWork(stage: ExampleStage, note: Note): Promise<void> {
  // What earlier scenes left ends first: a fault hits the create that comes next.
  for (let second = 0; second < 20; second++) await stage.pass(1000)
  const resolved = await loseAnswer(stage)
  await note('listExchanges', 'GET', `/generations/${resolved.id}/exchanges`)
  await note('resolveAttempt', 'POST', `/attempts/${resolved.attempt}/resolve`, {
    verdict: 'not_taken',
    charged: false,
    note: 'Their support says that it never arrived.',
  })
  const { id } = await loseAnswer(stage)
  await note('resubmitGeneration', 'POST', `/generations/${id}/resubmit`, { accept_two_bills: true })
  await stage.pass(1000)
  await note('lookAtAttempt', 'POST', `/attempts/${await lastAttempt(stage, id)}/look`)
  await untilEnded(stage, `/generations/${id}`)
  const { data } = Delivered.parse((await stage.call('GET', `/generations/${id}/deliveries`)).body)
  await note('redeliver', 'POST', `/deliveries/${data[0]?.id}/redeliver`)
  await retryFilm(stage, note)
}

async function retryFilm(stage: ExampleStage, note: Note): Promise<void> {
  const film = {
    name: 'A day in town',
    settings: { routing: { upstreams: ['openai'] } },
    scenes: [{ id: 'tram', prompt: '@coffee_girl in a crowded tram' }],
  }
  stage.setFaults('openai', [{ kind: 'refused' }])
  const id = idOf((await stage.call('POST', '/series', film)).body)
  await untilSeriesEnded(stage, id)
  stage.setFaults('openai', [])
  await note('retrySeries', 'POST', `/series/${id}/retry`, {
    scenes: [{ id: 'tram', prompt: '@coffee_girl in an empty tram' }],
  })
}

/** What is read of the gateway itself. */
export async function observe(note: Note): Promise<void> {
  const hour = 'step=hour&from=2026-11-22T15:00:00Z&to=2026-11-22T16:00:00Z'
  await note('getStatistics', 'GET', `/statistics?${hour}`)
  await note('getUpstreamStatistics', 'GET', `/upstreams/reseller-a/statistics?${hour}`)
  await note('listNodes', 'GET', '/nodes')
  await note('releaseOperations', 'POST', '/operations/release', {})
  await note('ready', 'GET', '/health/ready')
}
