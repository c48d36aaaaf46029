import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import ffprobe from '@ffprobe-installer/ffprobe'
import t from 'tap'
import { createClipStore } from '../../src/simulator/clips/clip-store.ts'
import { renderClip } from '../../src/simulator/clips/clip.ts'
import { stage } from './stage.ts'

const run = promisify(execFile)

async function probe(path: string, clip: Buffer) {
  await writeFile(path, clip)
  const entries = 'stream=codec_name,width,height,duration:format=duration'
  const { stdout } = await run(ffprobe.path, ['-v', 'error', '-show_entries', entries, '-of', 'json', path])
  const { streams, format } = JSON.parse(stdout)
  return { streams, seconds: Number(format.duration) }
}

t.test('a clip is H.264 of exactly the asked size and length, with its index in front', async (t) => {
  const wanted = [
    { seconds: 10, width: 1280, height: 720 },
    { seconds: 4, width: 90, height: 160 },
    { seconds: 3.3, width: 64, height: 36 },
  ]
  const directory = t.testdir()
  for (const { seconds, width, height } of wanted) {
    const clip = await renderClip({ seconds, width, height, seed: 'fox', label: 'A fox' })
    const found = await probe(`${directory}/clip.mp4`, clip)
    t.match(found.streams, [{ codec_name: 'h264', width, height }])
    t.equal(found.streams.length, 1)
    t.ok(Math.abs(found.seconds - seconds) < 0.05, `${found.seconds} is ${seconds}`)
    t.ok(clip.indexOf('moov') < clip.indexOf('mdat'))
  }
})

t.test('different seeds look different', async (t) => {
  const options = { seconds: 1, width: 64, height: 36 }
  const [fox, owl] = [
    await renderClip({ ...options, seed: 'fox' }),
    await renderClip({ ...options, seed: 'owl' }),
  ]
  t.notSame(fox.subarray(fox.indexOf('mdat')), owl.subarray(owl.indexOf('mdat')))
})

t.test('odd sides, sizes out of range and lengths out of range are rejected', async (t) => {
  const good = { seconds: 1, width: 64, height: 36, seed: '' }
  for (const bad of [
    { width: 65 },
    { height: 8 },
    { width: 4096 },
    { seconds: 0 },
    { seconds: 121 },
    { seconds: NaN },
  ])
    await t.rejects(renderClip({ ...good, ...bad }), RangeError)
})

t.test('clips are encoded one at a time, each once, and the least recently used is forgotten', async (t) => {
  let running = 0
  let most = 0
  const encoded: string[] = []
  const store = createClipStore({
    maxBytes: 250,
    render: async ({ seed }) => {
      running += 1
      most = Math.max(most, running)
      encoded.push(seed)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return Buffer.alloc(100)
    },
  })
  const get = (seed: string) => store.get({ seconds: 1, width: 64, height: 36, seed })
  await Promise.all([get('a'), get('b'), get('a')])
  t.same(encoded, ['a', 'b'])
  await get('a')
  await get('c')
  await get('a')
  t.same(encoded, ['a', 'b', 'c'])
  await get('b')
  t.same(encoded, ['a', 'b', 'c', 'b'])
  t.equal(most, 1)
})

t.test('an encode that fails is tried again by the next who asks, and waiting is bounded', async (t) => {
  let calls = 0
  const store = createClipStore({
    maxWaiting: 1,
    render: async () => {
      calls += 1
      if (calls === 1) throw new Error('no encoder')
      return Buffer.from('clip')
    },
  })
  const get = (seed: string) => store.get({ seconds: 1, width: 64, height: 36, seed })
  const first = get('a')
  await t.rejects(get('b'), { code: 'too_many_encodes' })
  await t.rejects(first, /no encoder/)
  t.equal((await get('a')).toString(), 'clip')
})

t.test('sample clips are served to anybody, by any name', async (t) => {
  const { origin } = await stage(t, [])
  const get = (path: string) => fetch(`${origin}/clips/${path}`)
  const clip = await get('fox.mp4?seconds=1.5&size=64x36')
  t.equal(clip.headers.get('content-type'), 'video/mp4')
  const found = await probe(`${t.testdir()}/clip.mp4`, Buffer.from(await clip.arrayBuffer()))
  t.match(found, { streams: [{ width: 64, height: 36 }], seconds: 1.5 })
  t.equal((await get('fox.avi')).status, 404)
  for (const query of ['seconds=0', 'seconds=x', 'size=big', 'size=65x37'])
    t.equal((await get(`fox.mp4?${query}`)).status, 400)
})
