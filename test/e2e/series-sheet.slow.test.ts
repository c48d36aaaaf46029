import sharp from 'sharp'
import t from 'tap'
import { startedFilm } from './series-results-stage.ts'
import { makeSeries, scenesAt, startGateway } from './series-stage.ts'

const unsafe = /[[\p{Bidi_Control}\p{Cc}]--\n]/v

t.test('the sheet of a series shows every scene, loads nothing and runs nothing', async (t) => {
  const { gateway, series, path } = await startedFilm(t)
  const { status, headers, body } = await gateway.call('GET', `${path}/sheet`)
  t.equal(status, 200)
  t.match(headers.get('content-security-policy'), /^default-src 'none'; img-src data:; .*form-action 'none'/)
  const page = body.toString()
  t.match(page, /<title>a film<\/title>/)
  t.match(page, /4 of 5 completed · \$0\.48/)
  t.equal(page.match(/<section>/g)?.length, 5)
  t.equal(page.match(/<img alt="Scene \d" src="data:image\/webp;base64,/g)?.length, 4)
  t.match(page, /<h3>5 · Last_one<\/h3>/)
  t.match(page, /content_refused: .*no &lt;script&gt;alert\(2\)&lt;\/script&gt;/)
  t.ok(page.includes('=SUM(A1) &quot;فتاة&quot; تمشي &lt;img src=x onerror=alert(1)&gt;'))
  t.notMatch(page, /<script|<img src|https?:/)
  t.notMatch(page, unsafe, 'no control characters, and none that turn the direction of text')
  t.match(page, /completed · reseller · \$0\.12/)

  const png = await gateway.call('GET', `${path}/sheet.png`)
  t.equal(png.headers.get('content-type'), 'image/png')
  const picture = await sharp(png.body).metadata()
  t.match(picture, { format: 'png', width: 774 })
  t.ok(picture.height > 400, `${picture.height}`)

  const [first] = series.scenes
  await gateway.call('DELETE', `/generations/${first.generation_id}`)
  const later = (await gateway.call('GET', `${path}/sheet`)).body.toString()
  t.match(later, /The video was removed\./)
})

t.test('the sheet of a hundred scenes with long prompts is bounded', async (t) => {
  const gateway = await startGateway(t)
  const scenes = scenesAt(100).map(({ prompt }) => ({ prompt: `${prompt} ${'long '.repeat(300)}` }))
  const { id } = await makeSeries(gateway, { scenes })
  const { body } = await gateway.call('GET', `/series/${id}/sheet`)
  t.equal(body.toString().match(/<section>/g)?.length, 100)
  t.ok(body.length < 100_000, `${body.length} bytes`)
  const png = await gateway.call('GET', `/series/${id}/sheet.png`)
  t.equal(png.status, 200)
  t.match(await sharp(png.body).metadata(), { format: 'png', width: 774 })
})
