import t from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { mediaId, rules, source } from '../contract/media-archive-builders.ts'
import { aSound } from '../fixtures/sounds.ts'

t.test('sound is told by its bytes, and kept only where sound is asked for', async (t) => {
  const archive = await createFileArchive({ directory: t.testdir() })
  t.teardown(() => archive.close())
  const sound = aSound(1.5)
  const kept = await archive.put(mediaId(), source(sound), rules({ accept: ['audio'] }))
  t.match(kept, {
    type: 'stored',
    info: { kind: 'audio', contentType: 'audio/wav', width: 0, height: 0, durationSeconds: 1.5 },
  })
  const asVideo = await archive.put(mediaId(), source(sound), rules({ accept: ['video'] }))
  t.equal(asVideo.type, 'unsupported', 'what a vendor delivers as sound is no better at the next try')
  const cut = await archive.put(mediaId(), source(sound.subarray(0, 4000)), rules({ accept: ['audio'] }))
  t.match(cut, { type: 'not_media' })
  const empty = await archive.put(mediaId(), source(aSound(0)), rules({ accept: ['audio'] }))
  t.match(empty, { type: 'not_media' })
})
