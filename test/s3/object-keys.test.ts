import t from 'tap'
import { stripSuffix, thumbnailSuffix } from '../../src/gateway/media/archive/archive-files.ts'
import { objectKeys } from '../../src/gateway/media/s3/object-keys.ts'
import { mediaId } from '../contract/media-archive-builders.ts'

t.test('a key says whose file or picture it is, below any prefix', async (t) => {
  for (const prefix of ['', 'videos', 'videos/of-a.test']) {
    const keys = objectKeys(prefix)
    const id = mediaId()
    const file = `${prefix === '' ? '' : `${prefix}/`}${id.slice(-2)}/${id}`
    t.equal(keys.media(id), file)
    for (const suffix of [thumbnailSuffix, stripSuffix]) {
      t.equal(keys.picture(id, suffix), `${file}${suffix}`)
      t.equal(keys.mediaOf(keys.picture(id, suffix)), id)
    }
    t.equal(keys.mediaOf(file), id)
    t.equal(keys.part(id.slice(-2)), file.slice(0, -id.length))
    t.equal(keys.partOf(keys.part(id.slice(-2))), id.slice(-2))
  }
})

t.test('what an archive does not use is never taken for its own', async (t) => {
  const keys = objectKeys('videos')
  const [id, other] = [mediaId(), mediaId()]
  const foreign = [
    '',
    keys.root,
    keys.writeTest,
    `${id.slice(-2)}/${id}`,
    `pictures/${id.slice(-2)}/${id}`,
    `videos2/${id.slice(-2)}/${id}`,
    `videos/${id}`,
    `videos/__/${id}`,
    `videos/${id.slice(-2)}/${id}.mp4`,
    `videos/${id.slice(-2)}/${id}.thumbnail.webp.bak`,
    `videos/${id.slice(-2)}/${id}/${other}`,
    `videos/${id.slice(-2)}/${id.toUpperCase()}`,
  ]
  for (const key of foreign) t.equal(keys.mediaOf(key), null, key)
  for (const prefix of ['', 'videos/', 'videos/abc/', 'videos/A1/', 'videos/../', 'a1/', 'videos2/a1/'])
    t.equal(keys.partOf(prefix), null, prefix)
})
