import t from 'tap'
import { createFileArchive } from '../../src/gateway/media/archive/file-archive.ts'
import { createFrames } from '../../src/gateway/media/frames/frames.ts'
import { mediaArchiveContract } from '../contract/media-archive.suite.ts'

const frames = createFrames()
t.teardown(() => frames.close())

mediaArchiveContract(t, (t) => createFileArchive({ directory: t.testdir(), frames }))
