import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { Test } from 'tap'
import { aPicture } from '../fixtures/pictures.ts'
import { json, startHttp } from '../upstreams/loopback.ts'
import { reverse, startGateway } from './gateway.ts'

/** A vendor that is given pictures before each create, and makes one job of one idempotency key. */
const description = {
  name: 'uploader',
  create: {
    uploads: { of: ['first_frame'], path: '/uploads', body: { type: 'image/png' }, keep: { uri: 'uri' } },
    path: '/jobs',
    body: { prompt: '{{ prompt }}', image: '{{ first_frame.uploaded.uri }}' },
    id: 'id',
    idempotency_header: 'X-Once',
  },
  poll: { path: '/jobs/{{ id }}', status: 'status', video: 'url' },
  capabilities: { first_frame: true },
}
const operator = { authorization: 'Bearer other-Zf1LnC8vXk5GwT3j' }

/** `pauseIn`: the number of the upload in which submissions are paused. `lost`: creates whose answers are lost. */
async function start(t: Test, { pauseIn, lost }: { pauseIn: number; lost: number }) {
  const calls = { uploads: 0, creates: 0 }
  const caller = await startHttp(t, (_request, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end(aPicture(100)),
  )
  const operate = (path: string, body?: object) => gateway.call('POST', path, body, operator)
  const serve = async (url: string | undefined, response: ServerResponse): Promise<void> => {
    if (url === '/uploads') {
      calls.uploads += 1
      if (calls.uploads === pauseIn) await operate('/operations/pause', { reason: 'out of credit' })
      return json(response, 200, { uri: 'vendor://first' })
    }
    if (url === '/jobs') {
      calls.creates += 1
      if (calls.creates <= lost) return void response.destroy()
      return json(response, 200, { id: 'job-1' })
    }
    const video = `${gateway.simulator.origin}/clips/film.mp4?seconds=5&size=320x240`
    return json(response, 200, { status: 'completed', url: video })
  }
  const vendor = await startHttp(t, ({ url }, response) => void serve(url, response))
  const gateway = await startGateway(t, {
    keys: { other: { scopes: ['operate'] } },
    upstreams: [reverse],
    settings: {
      reseller: { dialect: description, base_url: `http://127.0.0.1:${vendor.port}`, characters: 'none' },
    },
  })
  const { body } = await gateway.call('POST', '/generate', {
    prompt: 'a boat crosses the bay',
    duration: 5,
    first_frame: { image_url: `http://127.0.0.1:${caller.port}/first.png` },
  })
  while (calls.uploads < pauseIn) await gateway.advance(500)
  for (let turn = 0; turn < 10; turn++) await gateway.advance(2000)
  return { gateway, calls, id: body.id, resume: () => operate('/operations/resume') }
}

t.test('a create whose files were being uploaded when the pause was stored does not leave', async (t) => {
  const { gateway, calls, id, resume } = await start(t, { pauseIn: 1, lost: 0 })
  t.equal(calls.creates, 0)
  await resume()
  t.match(await gateway.finished(id), {
    status: 'completed',
    attempts: [
      { failure: { code: 'never_sent', message: 'Submissions are paused: out of credit' }, cost_usd: 0 },
      { state: 'succeeded' },
    ],
  })
  t.equal(calls.creates, 1)
})

t.test('a create is not repeated with its key either after a pause was stored', async (t) => {
  const { gateway, calls, id, resume } = await start(t, { pauseIn: 2, lost: 1 })
  t.same(calls, { uploads: 2, creates: 1 })
  await resume()
  t.match(await gateway.finished(id), { status: 'completed', attempts: [{ state: 'succeeded' }] })
  t.equal(calls.creates, 2)
})
