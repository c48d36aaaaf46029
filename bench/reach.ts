import { setTimeout as pause } from 'node:timers/promises'
import { startChild } from './child.ts'
import { headers } from './load.ts'
import { startStubUpstream } from './stub-upstream.ts'

/** Long enough for the gateway to have stored the upstream's answer and to be idle again. */
const pauseMs = 10
const answerMs = 10_000
/** Not counted: a process compiles what it runs for the first time, which takes up to 50 ms. */
const warmUp = 20

/**
 * Milliseconds from a 202 given to the kernel until an idle upstream has the headers of the create, for `requests` requests
 * one after another. `run`: as for `startChild`.
 */
export async function measureReach(
  directory: string,
  requests: number,
  run?: Parameters<typeof startChild>[1],
): Promise<number[]> {
  await using upstream = await startStubUpstream({ holds: false })
  await using gateway = await startChild(
    {
      type: 'durable',
      directory,
      role: 'all',
      upstreamUrl: upstream.baseUrl,
      maxInFlight: null,
      notesAnswers: true,
    },
    run,
  )
  const arrivals: bigint[] = []
  for (let index = -warmUp; index < requests; index++) {
    const prompt = `scene ${index}`
    const signal = AbortSignal.timeout(answerMs)
    const arrival = upstream.arrival(prompt, signal)
    const response = await fetch(`${gateway.address}/generate`, {
      method: 'POST',
      headers: { ...headers, 'x-request-id': String(index) },
      body: JSON.stringify({ prompt, duration: 10 }),
      signal,
    })
    await response.arrayBuffer()
    const at = await arrival
    if (index >= 0) arrivals.push(at)
    await pause(pauseMs)
  }
  const sent = await gateway.sent()
  return arrivals.map((at, index) => {
    const from = sent.get(String(index))
    if (from === undefined) throw new Error(`the answer to request ${index} was not seen leaving`)
    return Number(at - from) / 1e6
  })
}
