import t from 'tap'
import { createMediaLinks } from '../../src/gateway/media/archive/media-links.ts'
import { createVideoLinks } from '../../src/gateway/media/archive/video-links.ts'
import { createSheetLinks } from '../../src/gateway/media/archive/sheet-links.ts'
import { mediaId } from '../contract/media-archive-builders.ts'

const now = 1_768_478_400_000
const media = { mediaId: mediaId(), contentType: 'video/mp4' }
const links = createMediaLinks({
  secret: 'a secret of sixteen bytes',
  publicUrl: () => 'https://gateway.example/api/',
})

function tokenOf(url: string): string {
  return url.split('/').at(-1) ?? ''
}

t.test('a link lies under the public address and stands for its media until it expires', async (t) => {
  const url = links.sign(media, now + 1000)
  t.match(url, /^https:\/\/gateway\.example\/api\/media\/[\w-]+\.[\w-]{43}$/)
  t.strictSame(links.verify(tokenOf(url), now), media)
  t.strictSame(links.verify(tokenOf(url), now + 999), media)
  t.equal(links.verify(tokenOf(url), now + 1000), null)
})

t.test('no other text is a token', async (t) => {
  const token = tokenOf(links.sign(media, now + 1000))
  const [payload = '', mac = ''] = token.split('.')
  for (let at = 0; at < token.length; at++) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    if (links.verify(changed, now) !== null) t.fail(`changed at ${at}`)
  }
  const others = [
    '',
    '.',
    payload,
    mac,
    `${payload}.`,
    `.${mac}`,
    `${token}=`,
    `${token}.`,
    `${token}.${mac}`,
    ` ${token}`,
  ]
  for (const other of [...others, 'x'.repeat(10_000), `${payload}.${'\u{1f39e}'.repeat(43)}`]) {
    t.equal(links.verify(other, now), null)
  }
})

t.test('a token of another secret is none', async (t) => {
  const other = createMediaLinks({ secret: Buffer.alloc(32, 1), publicUrl: () => 'http://127.0.0.1:8787' })
  t.equal(links.verify(tokenOf(other.sign(media, now + 1000)), now), null)
})

t.test('the public address is asked for at every link', async (t) => {
  let port = 0
  const moving = createMediaLinks({
    secret: Buffer.alloc(32, 1),
    publicUrl: () => `http://127.0.0.1:${port}`,
  })
  port = 8787
  t.match(moving.sign(media, now), /^http:\/\/127\.0\.0\.1:8787\/media\//)
})

t.test('a short secret is refused', async (t) => {
  t.throws(() => createMediaLinks({ secret: 'short', publicUrl: () => '' }), /16 bytes/)
})

t.test('a link of a sheet stands for its comparison alone, and for no media', async (t) => {
  const options = { secret: 'a secret of sixteen bytes', publicUrl: () => 'https://gateway.example/api/' }
  const sheets = createSheetLinks(options)
  const url = sheets.sign('cmp_1', 3, now + 1000)
  t.match(url, /^https:\/\/gateway\.example\/api\/sheets\/[\w-]+\.[\w-]{43}$/)
  t.strictSame(sheets.verify(tokenOf(url), now), { id: 'cmp_1', round: 3 })
  t.equal(sheets.verify(tokenOf(url), now + 1000), null)
  t.equal(links.verify(tokenOf(url), now), null)
  t.equal(sheets.verify(tokenOf(links.sign(media, now + 1000)), now), null)
  t.equal(sheets.verify('', now), null)
})

t.test(
  'a link of a generation stands for one part of it until it expires, and for nothing else',
  async (t) => {
    const options = { secret: 'a secret of sixteen bytes', publicUrl: () => 'https://gateway.example/api/' }
    const videos = createVideoLinks(options)
    const id = `gen_${'0'.repeat(26)}` as const
    for (const part of ['video', 'thumbnail'] as const) {
      const url = videos.sign({ id, part }, now + 1000)
      t.match(url, /^https:\/\/gateway\.example\/api\/media\/[\w-]+\.[\w-]{43}$/)
      t.strictSame(videos.verify(tokenOf(url), now + 999), { id, part })
      t.equal(videos.verify(tokenOf(url), now + 1000), null)
      t.equal(links.verify(tokenOf(url), now), null)
    }
    t.equal(videos.verify(tokenOf(links.sign(media, now + 1000)), now), null)
    t.equal(videos.verify('', now), null)
  },
)
