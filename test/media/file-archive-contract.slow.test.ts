import t from 'tap'
import { createFileArchive } from '../../src/media/file-archive.ts'
import { createFrames } from '../../src/media/frames.ts'
import { mediaArchiveContract } from '../contract/media-archive.suite.ts'

const frames = createFrames()
t.teardown(() => frames.close())

mediaArchiveContract(t, (t) => createFileArchive({ directory: t.testdir(), frames }))
