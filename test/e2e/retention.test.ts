import t from 'tap'
import { startGateway } from './gateway.ts'

const day = 24 * 3600_000

t.test('a video leaves the archive when its retention is over, and its record says so', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: 30 } })
  const { id } = await gateway.generate({ prompt: 'a harbour at dawn', duration: 10 })
  await gateway.advance(29 * day)
  t.equal(await gateway.container.tidy(), 0)
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)

  await gateway.advance(2 * day)
  t.equal(await gateway.container.tidy(), 1)
  const gone = await gateway.call('GET', `/generations/${id}/video`)
  t.equal(gone.status, 410)
  t.equal(gone.body.code, 'video_gone')
  const { body } = await gateway.call('GET', `/generations/${id}`)
  t.equal(body.status, 'completed')
  t.equal(body.video, null)
  t.equal(await gateway.container.tidy(), 0, 'what is gone is not found again')
})

t.test('without a retention videos are kept', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: null } })
  const { id } = await gateway.generate({ prompt: 'a harbour at dawn', duration: 10 })
  await gateway.advance(4000 * day)
  t.equal(await gateway.container.tidy(), 0)
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)
})
