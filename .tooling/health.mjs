// The health check of the image: 0 if the gateway answers at the address that it wrote to its address file, else 1 and why. Plain
// JavaScript without dependencies, since it is started every ten seconds (40 ms).
import { readFileSync } from 'node:fs'

const answerMs = 2_500

try {
  const file = process.env.UNDERSTUDY_ADDRESS_FILE ?? '/tmp/understudy.address'
  const { status } = await fetch(`${readFileSync(file, 'utf8').trim()}/health/live`, {
    signal: AbortSignal.timeout(answerMs),
  })
  if (status !== 200) throw new Error(`/health/live answers ${status}`)
} catch (error) {
  console.error(`unhealthy: ${error.message}${error.cause ? ` (${error.cause.message})` : ''}`)
  process.exitCode = 1
}
