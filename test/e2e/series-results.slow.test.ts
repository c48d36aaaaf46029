import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

const run = promisify(execFile)

/** What a program that is not ours says of a file; null where this machine does not have it. */
async function said(program: string, args: string[]): Promise<string | null> {
  try {
    return (await run('env', ['LC_ALL=C.UTF-8', program, ...args])).stdout
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 127) return null
    throw error
  }
}

const listing = `
import hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([[each.filename, each.compress_type, hashlib.sha256(archive.read(each)).hexdigest()] for each in archive.infolist()]))
`

t.test('the archive of a series opens everywhere and has every video, with the manifest', async (t) => {
  const { gateway, series, path } = await startedFilm(t)
  const head = await gateway.call('HEAD', `${path}/videos.zip`)
  const { status, headers, body } = await gateway.call('GET', `${path}/videos.zip`)
  t.equal(status, 200)
  t.equal(headers.get('content-type'), 'application/zip')
  t.equal(headers.get('content-length'), String(body.length))
  t.equal(headers.get('content-disposition'), 'attachment; filename=a-film.zip')
  for (const name of ['content-length', 'content-type', 'content-disposition'])
    t.equal(head.headers.get(name), headers.get(name), name)
  t.equal(head.status, 200)

  const directory = await mkdtemp(join(tmpdir(), 'zip-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'series.zip')
  await writeFile(file, body)
  const manifest = (await gateway.call('GET', `${path}/manifest`)).body
  const videos = manifest.scenes.filter(({ file_name }: any) => file_name !== null)
  t.equal(videos.length, 4)
  const listed = await said('python3', ['-c', listing, file])
  if (listed !== null) {
    const [json, csv, ...rest] = JSON.parse(listed)
    t.match([json[0], csv[0]], ['manifest.json', 'manifest.csv'])
    t.same(
      rest,
      videos.map(({ file_name, sha256 }: any) => [file_name, 0, sha256]),
    )
  }
  if ((await said('unzip', ['-q', file, '-d', directory])) !== null) {
    for (const { file_name, sha256 } of videos) {
      const content = await readFile(join(directory, file_name))
      t.equal(createHash('sha256').update(content).digest('hex'), sha256, file_name)
    }
    t.same(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')), manifest)
  }
  t.equal(series.counts.completed, 4)
})

t.test('an archive of a series has what was completed so far; without a video there is none', async (t) => {
  const gateway = await startGateway(t)
  const { id } = await makeSeries(gateway, { scenes: [{ prompt: 'a mill' }] })
  const path = `/series/${id}/videos.zip`
  const early = await gateway.call('GET', path)
  t.match(early, { status: 409, body: { code: 'video_not_ready' } })
  t.equal((await gateway.call('HEAD', path)).status, 409)
  await gateway.call('POST', `/series/${id}/cancel`)
  t.match(await gateway.call('GET', path), { status: 404, body: { code: 'not_found' } })
})

t.test('a video that was removed is not in the archive, and the manifest in it says so', async (t) => {
  const { gateway, series, path } = await startedFilm(t)
  const [first] = series.scenes
  t.equal((await gateway.call('DELETE', `/generations/${first.generation_id}`)).status, 204)
  const { body, status } = await gateway.call('GET', `${path}/videos.zip`)
  t.equal(status, 200)
  t.notOk(body.includes('001-a-mill'), 'neither as a file nor in the manifest')
  t.ok(body.includes('002-'))
  for (const { generation_id } of series.scenes.slice(1, 4))
    await gateway.call('DELETE', `/generations/${generation_id}`)
  t.match(await gateway.call('GET', `${path}/videos.zip`), { status: 410, body: { code: 'video_gone' } })
})
