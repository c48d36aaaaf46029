import t from 'tap'
import { startGateway } from './gateway.ts'
import type { Gateway } from './gateway.ts'
import { queryStorage } from './test-storage.ts'

const day = 24 * 3600_000

t.test('a video leaves the archive when its retention is over, and its record says so', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: 30 } })
  const { id } = await gateway.generate({ prompt: 'a harbour at dawn', duration: 10 })
  await gateway.advance(29 * day)
  t.equal(await gateway.container.removeExpired(), 0)
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)

  await gateway.advance(2 * day)
  t.equal(await gateway.container.removeExpired(), 1)
  const gone = await gateway.call('GET', `/generations/${id}/video`)
  t.equal(gone.status, 410)
  t.equal(gone.body.code, 'video_gone')
  const { body } = await gateway.call('GET', `/generations/${id}`)
  t.equal(body.status, 'completed')
  t.equal(body.video, null)
  t.equal(await gateway.container.removeExpired(), 0, 'what is gone is not found again')
})

t.test(
  'what is kept for a time goes in small parts, one after the other, however much of it there is',
  async (t) => {
    const gateway = await startGateway(t)
    const { directory } = gateway
    const expired = gateway.now() - 2 * day
    await queryStorage(
      directory,
      `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 12000)
     insert into calls (tenant, key_hash, request_hash, subject, at, made)
     select 'studio', 'key-' || n, 'hash', 'subject', ${expired}, 1 from numbers`,
    )
    const left = async () =>
      Number((await queryStorage(directory, 'select count(*) as n from calls'))[0]?.['n'])
    let before = await left()
    while ((await gateway.container.removeExpired()) > 0) {
      t.ok(before - (await left()) <= 1000, 'others write in between')
      before = await left()
    }
    t.equal(await left(), 0)
  },
)

t.test('without a retention videos are kept', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: null } })
  const { id } = await gateway.generate({ prompt: 'a harbour at dawn', duration: 10 })
  await gateway.advance(4000 * day)
  t.equal(await gateway.container.removeExpired(), 0)
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)
})

const everything = {
  generations_days: 90,
  references_days: 7,
  events_days: 14,
  deliveries_days: 14,
  attempts_days: 120,
  audit_days: 60,
}

/** Runs until there is nothing left to remove. */
async function removedAll(gateway: Gateway): Promise<void> {
  while ((await gateway.container.removeExpired()) > 0);
}

t.test('each kind of record goes when its own retention is over, and what it cost stays', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: null }, retention: everything })
  const { id } = await gateway.generate({
    prompt: 'a harbour at dawn',
    duration: 10,
    reference: { video_url: `${gateway.simulator.origin}/clips/a.mp4?seconds=2&size=320x240` },
  })
  const usage = async () =>
    (await gateway.call('GET', '/usage?from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z')).body.totals
  const spent = await usage()
  t.ok(spent.attempts > 0)
  await removedAll(gateway)
  const files = (await gateway.files()).length

  await gateway.advance(8 * day)
  await removedAll(gateway)
  t.equal((await gateway.files()).length, files - 1, 'the reference')
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)

  await gateway.advance(7 * day)
  await removedAll(gateway)
  const { body: history } = await gateway.call('GET', `/generations/${id}/events`)
  t.notMatch(String(history), /^data:/m, 'the log')
  t.equal((await gateway.call('GET', `/generations/${id}`)).body.status, 'completed')

  await gateway.advance(80 * day)
  await removedAll(gateway)
  t.equal((await gateway.call('GET', `/generations/${id}`)).status, 404)
  t.same(await gateway.files(), [])
  t.same(await usage(), spent)

  await gateway.advance(80 * day)
  await removedAll(gateway)
  t.same(await usage(), spent, 'although the attempts are gone')
})

t.test('a configuration that says nothing keeps every record', async (t) => {
  const gateway = await startGateway(t, { media: { retention_days: null } })
  const { id } = await gateway.generate({ prompt: 'a harbour at dawn', duration: 10 })
  await gateway.advance(4000 * day)
  await removedAll(gateway)
  t.equal((await gateway.call('GET', `/generations/${id}/video`)).status, 200)
})
