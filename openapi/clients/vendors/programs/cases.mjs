import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'

/** What run.ts hands over: base URL, key, model, prompts by case, and the addresses of pictures, a clip and a voice. */
export const stage = JSON.parse(process.env.VENDOR_STAGE)

/** Tries one case; its outcome goes to the results of run.ts, whatever becomes of it. */
export async function attempt(name, run) {
  const outcome = await run(stage.prompts[name]).then(
    () => ({ name, passed: true, detail: '' }),
    (error) => ({ name, passed: false, detail: `${error?.name}: ${error?.message ?? error}`.slice(0, 500) }),
  )
  appendFileSync(process.env.VENDOR_RESULTS, `${JSON.stringify(outcome)}\n`)
}

/** Bytes of an MP4 that plays, and no error page. */
export function isVideo(bytes) {
  assert.equal(Buffer.from(bytes).subarray(4, 8).toString(), 'ftyp')
  assert.ok(bytes.length > 1000)
}

/** The MP4 at an address that anybody may open, or that wants these headers. */
export async function isVideoAt(url, headers = {}) {
  const answer = await fetch(url, { headers })
  assert.equal(answer.status, 200)
  isVideo(Buffer.from(await answer.arrayBuffer()))
}

/** @param look.fails what must be true of the error */
export async function refuses(run, look) {
  const error = await run().then(
    () => null,
    (reason) => reason,
  )
  assert.ok(error !== null, 'no error was raised')
  look(error)
}

/** Polls every 100 ms, 20 seconds at the most. */
export async function until(poll, isOver) {
  for (let tries = 0; tries < 200; tries += 1) {
    const seen = await poll()
    if (isOver(seen)) return seen
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the job does not end')
}
