import t from 'tap'
import { prompts, startedFilm } from './series-results-stage.ts'
import { makeSeries, startGateway } from './series-stage.ts'

const names = ['001-a-mill-by-a-river.mp4', '002-一个女孩在海边散步.mp4']

t.test('the manifest has a row for each scene, with its file, its cost and its fault', async (t) => {
  const { gateway, series, path } = await startedFilm(t)
  const { status, body } = await gateway.call('GET', `${path}/manifest`)
  t.equal(status, 200)
  t.match(body, { object: 'series_manifest', series_id: series.id, name: 'a film' })
  t.same(
    body.scenes.map(({ prompt }: any) => prompt),
    [...prompts, 'a mill that is refused'],
  )
  t.same(
    body.scenes.map(({ file_name }: any) => file_name),
    [...names, '003-sum-a1-فتاة-تمشي-img-src-x-onerror-alert-1.mp4', '004-gnp-exe.mp4', null],
  )
  const [first] = series.scenes
  const { bytes, sha256 } = first.video
  t.match(body.scenes[0], {
    number: 1,
    id: '1',
    status: 'completed',
    generation_id: first.generation_id,
    upstream: 'reseller',
    model: 'sora-2',
    size: '320x240',
    bytes,
    sha256,
    cost_usd: 0.12,
    error: null,
    metadata: { shot: '1b' },
  })
  t.type(body.scenes[0].duration, 'number')
  t.match(body.scenes[4], {
    id: 'Last_one',
    status: 'failed',
    model: 'sora-2',
    duration: 10,
    bytes: null,
    sha256: null,
    cost_usd: 0,
    error: { code: 'content_refused' },
  })

  const csv = await gateway.call('GET', `${path}/manifest.csv`)
  t.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
  t.equal(csv.headers.get('content-disposition'), `attachment; filename="${series.id}.csv"`)
  const text = csv.body.toString()
  t.match(text, /^number,id,file_name,.*,metadata\r\n1,1,001-a-mill-by-a-river\.mp4,completed,gen_/)
  t.ok(text.includes(`,"'=SUM(A1)\n""فتاة"" تمشي <img src=x onerror=alert(1)>",`), 'never a formula')
  t.ok(text.includes(',"{""shot"":""1b""}"\r\n'))
  t.equal(text.split('\r\n').length, 7)
})

t.test('the manifest of scenes that wait says what they ask for', async (t) => {
  const gateway = await startGateway(t)
  const { id } = await makeSeries(gateway, { scenes: [{ prompt: 'a mill', duration: 5, size: 'portrait' }] })
  const { body } = await gateway.call('GET', `/series/${id}/manifest`)
  t.match(body.scenes, [
    { file_name: null, status: 'waiting', generation_id: null, duration: 5, size: 'portrait', model: null },
  ])
})
