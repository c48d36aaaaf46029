import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { aClip } from '../fixtures/clips.ts'

/** A forged file and what is wrong with it. None of them may be stored as a video or picture. */
export type Forged = [what: string, bytes: Buffer]

function u32(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [at, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * at)
  return bytes
}

/** ISO/IEC 14496-12 §4.2; `size` replaces the true size. */
function box(name: string, body: Buffer | Buffer[], size?: number): Buffer {
  const content = Buffer.isBuffer(body) ? body : Buffer.concat(body)
  return Buffer.concat([u32(size ?? content.length + 8), Buffer.from(name, 'latin1'), content])
}

/** A box with a 64-bit size. */
function longBox(name: string, body: Buffer, size: bigint): Buffer {
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(size)
  return Buffer.concat([u32(1), Buffer.from(name, 'latin1'), long, body])
}

const fileType = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'))

function nested(name: string, depth: number): Buffer {
  const bytes = Buffer.alloc(8 * depth)
  for (let level = 0; level < depth; level++) {
    bytes.writeUInt32BE(8 * (depth - level), 8 * level)
    bytes.write(name, 8 * level + 4, 'latin1')
  }
  return bytes
}

/** A valid video with other bytes after the first `skip` bytes of a box's body. */
function altered(good: Buffer, name: string, skip: number, bytes: Buffer): Buffer {
  const file = Buffer.from(good)
  const at = file.indexOf(name, 0, 'latin1')
  if (at === -1) throw new Error(`The clip has no ${name}.`)
  bytes.copy(file, at + 4 + skip)
  return file
}

/** A valid video with a box that declares another size. */
function resized(good: Buffer, name: string, size: number): Buffer {
  return altered(good, name, -8, u32(size))
}

/** A valid video with `more` at the end of its index, and all offsets in the index adjusted. */
function widened(good: Buffer, more: Buffer): Buffer {
  const at = good.indexOf('moov', 0, 'latin1') - 4
  const size = good.readUInt32BE(at)
  const moov = Buffer.concat([good.subarray(at, at + size), more])
  moov.writeUInt32BE(moov.length)
  const places = moov.indexOf('stco', 0, 'latin1') + 8
  for (let entry = 0; entry < moov.readUInt32BE(places); entry++) {
    const place = places + 4 + 4 * entry
    moov.writeUInt32BE(moov.readUInt32BE(place) + more.length, place)
  }
  return Buffer.concat([good.subarray(0, at), moov, good.subarray(at + size)])
}

function trackOf(good: Buffer): Buffer {
  const at = good.indexOf('trak', 0, 'latin1') - 4
  return good.subarray(at, at + good.readUInt32BE(at))
}

/** Videos that make a parser use memory or time, or read bytes that do not exist. */
export async function forgedVideos(): Promise<Forged[]> {
  const good = await aClip({ seconds: 1, width: 320, height: 240 })
  const pieces = await aClip({ seconds: 1, width: 320, height: 240, index: 'fragments' })
  const many = 0xffffffff
  return [
    ['nothing but a file type', fileType],
    ['a file type of 4 GB', box('ftyp', Buffer.from('isom'), many)],
    ['an index of 4 GB', Buffer.concat([fileType, box('moov', Buffer.alloc(64), many)])],
    ['an index of 8 EB', Buffer.concat([fileType, longBox('moov', Buffer.alloc(64), (1n << 63n) - 1n)])],
    [
      'an index of 2^64-1 bytes',
      Buffer.concat([fileType, longBox('moov', Buffer.alloc(64), (1n << 64n) - 1n)]),
    ],
    ['a 64-bit size smaller than itself', Buffer.concat([fileType, longBox('moov', Buffer.alloc(64), 3n)])],
    ['a 64-bit size that is cut off', Buffer.concat([fileType, u32(1), Buffer.from('moov\0\0')])],
    ['a box of one to seven bytes', Buffer.concat([fileType, box('moov', Buffer.alloc(64), 7)])],
    [
      'a child larger than its parent',
      Buffer.concat([fileType, box('moov', box('trak', Buffer.alloc(8), 0x7fffffff))]),
    ],
    ['children of no size, in a loop', Buffer.concat([fileType, box('moov', Buffer.alloc(100_000))])],
    [
      'a box to the end of the file in each box',
      Buffer.concat([fileType, box('moov', box('trak', box('mdia', Buffer.alloc(64), 0), 0))]),
    ],
    [
      '200,000 empty boxes',
      Buffer.concat([fileType, ...Array.from({ length: 200_000 }, () => box('free', Buffer.alloc(0)))]),
    ],
    ['indexes nested 100,000 deep', Buffer.concat([fileType, nested('moov', 100_000)])],
    ['tracks nested 100,000 deep', Buffer.concat([fileType, box('moov', nested('trak', 100_000))])],
    [
      'text nested 100,000 deep',
      widened(good, box('udta', box('meta', nested('ilst', 100_000)))).subarray(0, -5000),
    ],
    [
      '5,000 indexes',
      Buffer.concat([fileType, ...Array.from({ length: 5_000 }, () => box('moov', trackOf(good)))]),
    ],
    ['frames of 4 GB', resized(good, 'mdat', many)],
    ['an index that is cut off', good.subarray(0, good.indexOf('stbl', 0, 'latin1'))],
    ['a time scale of 0', altered(good, 'mdhd', 12, u32(0))],
    ['4,294,967,295 frames of one length', altered(good, 'stts', 4, u32(1, many, 1))],
    ['4,294,967,295 entries of lengths', altered(good, 'stts', 4, u32(many))],
    ['frames of 136 years each', altered(good, 'stts', 8, u32(12, many))],
    ['frames of 4 GB each', altered(good, 'stsz', 4, u32(many, 12))],
    ['4,294,967,295 frames of 1 byte', altered(good, 'stsz', 4, u32(1, many))],
    ['4,294,967,295 sizes', altered(good, 'stsz', 4, u32(0, many))],
    ['4,294,967,295 places', altered(good, 'stco', 4, u32(many))],
    ['places past the end of the file', altered(good, 'stco', 8, u32(0xfffffff0))],
    ['4,294,967,295 chunk runs', altered(good, 'stsc', 4, u32(many))],
    ['4,294,967,295 frames to a chunk', altered(good, 'stsc', 8, u32(1, many, 1))],
    [
      '4,294,967,295 sample descriptions',
      altered(good, 'stsd', 4, u32(many)).fill(
        0,
        good.indexOf('avc1', 0, 'latin1') - 4,
        good.indexOf('avcC', 0, 'latin1'),
      ),
    ],
    ['4,294,967,295 edits', widened(good, box('edts', box('elst', u32(0, many))))],
    ['65 tracks', widened(good, Buffer.concat(Array.from({ length: 64 }, () => trackOf(good))))],
    ['4,294,967,295 frames in a fragment', altered(pieces, 'trun', 0, u32(0, many))],
    ['a fragment of 4 GB', resized(pieces, 'moof', many)],
  ]
}

function chunk(name: string, body: Buffer, length = body.length): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body])
  return Buffer.concat([u32(length), named, u32(crc32(named))])
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
const end = chunk('IEND', Buffer.alloc(0))

function header(width: number, height: number): Buffer {
  return chunk('IHDR', Buffer.concat([u32(width, height), Buffer.from([8, 2, 0, 0, 0])]))
}

/** Pictures that declare a forbidden size, or have invalid parts. */
export async function forgedPictures(): Promise<Forged[]> {
  const black = { create: { width: 320, height: 240, channels: 3, background: '#123' } } as const
  const [png, jpeg, webp] = await Promise.all([
    sharp(black).png().toBuffer(),
    sharp(black).jpeg().toBuffer(),
    sharp(black).webp().toBuffer(),
  ])
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(1000)))
  const wideJpeg = Buffer.from(jpeg)
  const frame = wideJpeg.indexOf(Buffer.from([0xff, 0xc0]))
  wideJpeg.writeUInt16BE(60_000, frame + 5)
  wideJpeg.writeUInt16BE(60_000, frame + 7)
  const wideWebp = Buffer.concat([
    Buffer.from('RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0', 'latin1'),
    Buffer.from([0x5f, 0xea, 0, 0x5f, 0xea, 0]),
  ])
  return [
    ['a PNG of 60,000 x 60,000', Buffer.concat([signature, header(60_000, 60_000), pixels, end])],
    ['a PNG of 2^31-1 x 2^31-1', Buffer.concat([signature, header(0x7fffffff, 0x7fffffff), pixels, end])],
    ['a PNG of no width', Buffer.concat([signature, header(0, 10), pixels, end])],
    [
      'a PNG whose chunk has 4 GB',
      Buffer.concat([signature, header(16, 16), chunk('IDAT', Buffer.alloc(16), 0xffffffff), end]),
    ],
    [
      'a PNG whose header chunk has 2 GB',
      Buffer.concat([signature, u32(0x7fffffff), Buffer.from('IHDR'), u32(16, 16), Buffer.alloc(9)]),
    ],
    ['a PNG without pixels', Buffer.concat([signature, header(16, 16), end])],
    ['a PNG without an end', Buffer.concat([signature, header(16, 16), pixels])],
    ['half of a PNG', png.subarray(0, png.length / 2)],
    ['the first bytes of a PNG', png.subarray(0, 24)],
    ['a JPEG of 60,000 x 60,000', wideJpeg],
    ['half of a JPEG', jpeg.subarray(0, jpeg.length / 2)],
    ['the first bytes of a JPEG', jpeg.subarray(0, 30)],
    [
      'a JPEG of markers without end',
      Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(100_000, 0xff)]),
    ],
    ['a WebP of 60,000 x 60,000', wideWebp],
    ['half of a WebP', webp.subarray(0, webp.length / 2)],
    ['a WebP of 4 GB', Buffer.concat([webp.subarray(0, 4), Buffer.alloc(4, 0xff), webp.subarray(8)])],
    ['a JPEG that calls itself PNG', Buffer.concat([signature, jpeg])],
  ]
}

function text(words: string): Buffer {
  return Buffer.from(words, 'latin1')
}

/** Files of other types, and files that are valid as two types. */
export async function otherKinds(): Promise<Forged[]> {
  const good = await aClip({ seconds: 1, width: 320, height: 240 })
  const page = Buffer.from('<!doctype html><script>alert(1)</script>')
  return [
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0])],
    ['a page', page],
    ['a page before a video', Buffer.concat([page, good])],
    ['a script before a video', Buffer.concat([text('#!/bin/sh\nid\n'), good])],
    [
      'a picture of text',
      text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
    ],
    ['a document', text('%PDF-1.7\n1 0 obj')],
    ['a GIF', text('GIF89a\x10\0\x10\0\0\0\0;')],
    ['a TIFF', text('II*\0\x08\0\0\0\0\0')],
    ['a BMP', text('BM\x46\0\0\0\0\0\0\0\x36\0\0\0')],
    ['a list of files to play', text('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')],
    ['a list of files to join', text("ffconcat version 1.0\nfile '/etc/passwd'\n")],
    ['a Matroska', Buffer.concat([Buffer.from('1a45dfa3a342868101', 'hex'), text('webm')])],
    ['an archive', text('PK\x03\x04\x14\0\0\0\x08\0')],
    ['a program', text('\x7fELF\x02\x01\x01\0')],
    [
      'a picture in a video container',
      Buffer.concat([box('ftyp', text('avif\0\0\0\0avifmif1')), box('meta', Buffer.alloc(64))]),
    ],
    ['XML of a hundred entities', text('<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]><l>&a;</l>')],
  ]
}
