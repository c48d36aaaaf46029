import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t from 'tap'
import { fromBuffer } from 'yauzl'
import type { Entry, ZipFile } from 'yauzl'
import { zipBytes, zipStream } from '../../src/gateway/http/answers/zip.ts'
import type { ZipEntry } from '../../src/gateway/http/answers/zip.ts'

const modifiedAt = new Date('2026-11-22T15:31:40.000Z')

function entry(name: string, content: Buffer, opened: string[] = []): ZipEntry {
  return {
    name,
    bytes: content.length,
    modifiedAt,
    read() {
      opened.push(name)
      return Readable.from([content.subarray(0, 5), content.subarray(5)].filter(({ length }) => length > 0))
    },
  }
}

const read = promisify((bytes: Buffer, done: (error: Error | null, zip: ZipFile) => void) =>
  fromBuffer(bytes, { lazyEntries: false, autoClose: false }, done),
)

async function entriesOf(bytes: Buffer): Promise<Entry[]> {
  const zip = await read(bytes)
  const found: Entry[] = []
  zip.on('entry', (each: Entry) => found.push(each))
  await new Promise((resolve, reject) => zip.once('end', () => resolve(null)).once('error', reject))
  return found
}

t.test('an archive has the size that was said before, and its names are in UTF-8', async (t) => {
  const opened: string[] = []
  const entries = ['a.txt', '002-一个女孩.mp4', '003-فتاة.mp4'].map((name, index) =>
    entry(name, Buffer.alloc(index * 1000, 'x'), opened),
  )
  const bytes = zipBytes(entries)
  t.same(opened, [], 'nothing is opened for it')
  const content = await buffer(zipStream(entries))
  t.equal(content.length, bytes)
  const found = await entriesOf(content)
  t.same(
    found.map(({ fileName, uncompressedSize, compressionMethod }) => [
      fileName,
      uncompressedSize,
      compressionMethod,
    ]),
    entries.map(({ name, bytes: size }) => [name, size, 0]),
  )
  // Bit 11: the name is UTF-8.
  for (const { generalPurposeBitFlag, fileName } of found) t.ok(generalPurposeBitFlag & 0x800, fileName)
  t.same(found[0]?.getLastModDate(), modifiedAt)
})

t.test('an entry that cannot be read, or is not as long as it said, breaks the archive', async (t) => {
  const broken: Array<[string, () => AsyncIterable<Uint8Array>]> = [
    [
      'missing',
      async function* () {
        yield Buffer.alloc(5)
        throw new Error('missing')
      },
    ],
    ['shorter', () => Readable.from([Buffer.alloc(9)])],
    ['longer', () => Readable.from([Buffer.alloc(11)])],
  ]
  for (const [what, open] of broken) {
    const entries = [entry('a', Buffer.alloc(10)), { name: 'b', bytes: 10, modifiedAt, read: open }]
    await t.rejects(buffer(zipStream(entries)), what)
  }
})

t.test('files are opened one after the other, and closed when nobody reads on', async (t) => {
  const opened: string[] = []
  const closed: string[] = []
  const endless = (name: string): ZipEntry => ({
    name,
    bytes: 2 ** 31,
    modifiedAt,
    async *read() {
      opened.push(name)
      try {
        for (;;) yield Buffer.alloc(64 * 1024)
      } finally {
        closed.push(name)
      }
    },
  })
  const stream = zipStream([endless('a'), endless('b')])
  const taken = stream[Symbol.asyncIterator]()
  for (let count = 0; count < 5; count++) await taken.next()
  t.same(opened, ['a'])
  stream.destroy()
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  t.same(closed, ['a'])
  t.same(opened, ['a'])
})
