import type { InjectOptions } from 'fastify'
import { form } from './forms.ts'

export const clip = { name: 'reference', value: 'bytes', filename: 'clip.mp4', type: 'video/mp4' }

const prompt = { name: 'prompt', value: 'a lighthouse' }

export interface Case {
  what: string
  request: InjectOptions
  status: number
  code: string
  pointers?: string[]
}

export function json(payload: unknown): InjectOptions {
  return { headers: { 'content-type': 'application/json' }, payload: JSON.stringify(payload) }
}

/** A body for `/generate` that is valid except for one change. */
export function but(change: object): InjectOptions {
  return json({ prompt: 'a lighthouse', ...change })
}

export const invalid = { status: 400, code: 'validation_failed' }

export const generateCases: Case[] = [
  { what: 'no prompt', request: json({}), ...invalid, pointers: ['/prompt'] },
  { what: 'an empty prompt', request: but({ prompt: ' \n' }), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a prompt of 32,001 characters',
    request: but({ prompt: 'x'.repeat(32_001) }),
    ...invalid,
    pointers: ['/prompt'],
  },
  { what: 'a prompt with NUL', request: but({ prompt: 'a\0b' }), ...invalid, pointers: ['/prompt'] },
  { what: 'half a surrogate pair', request: but({ prompt: 'a\ud800b' }), ...invalid, pointers: ['/prompt'] },
  { what: 'a prompt that is a number', request: but({ prompt: 7 }), ...invalid, pointers: ['/prompt'] },
  { what: 'an unknown field', request: but({ promt: 'x' }), ...invalid, pointers: ['/promt'] },
  { what: 'an unknown field with a slash', request: but({ 'a/b~c': 1 }), ...invalid, pointers: ['/a~1b~0c'] },
  { what: 'null for a required field', request: but({ prompt: null }), ...invalid, pointers: ['/prompt'] },
  { what: 'a negative duration', request: but({ duration: -1 }), ...invalid, pointers: ['/duration'] },
  { what: 'no duration at all', request: but({ duration: 0 }), ...invalid, pointers: ['/duration'] },
  { what: 'an hour', request: but({ duration: 3600 }), ...invalid, pointers: ['/duration'] },
  { what: 'a duration as text', request: but({ duration: '10' }), ...invalid, pointers: ['/duration'] },
  { what: 'a size in words', request: but({ size: 'large' }), ...invalid, pointers: ['/size'] },
  { what: 'a size of 15 pixels', request: but({ size: '15x720' }), ...invalid, pointers: ['/size'] },
  { what: 'a size of 8193 pixels', request: but({ size: '1280x8193' }), ...invalid, pointers: ['/size'] },
  {
    what: 'two meanings of one reference',
    request: but({
      reference: { image_url: 'https://a.example/i.png', video_url: 'https://a.example/v.mp4' },
    }),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a reference to nothing',
    request: but({ reference: { influence: 1 } }),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'an influence above 1',
    request: but({ reference: { image_url: 'https://a.example/i.png', influence: 1.1 } }),
    ...invalid,
    pointers: ['/reference/influence'],
  },
  {
    what: 'a reference by file URL',
    request: but({ reference: { image_url: 'file:///etc/passwd' } }),
    ...invalid,
    pointers: ['/reference/image_url'],
  },
  {
    what: 'a reference with a password',
    request: but({ reference: { image_url: 'https://me:secret@a.example/' } }),
    ...invalid,
    pointers: ['/reference/image_url'],
  },
  {
    what: 'a webhook by ftp',
    request: but({ webhook_url: 'ftp://a.example/' }),
    ...invalid,
    pointers: ['/webhook_url'],
  },
  {
    what: 'several faults at once',
    request: but({ duration: -1, routing: { priority: 'speed', upstreams: [], x: 1 } }),
    ...invalid,
    pointers: ['/duration', '/routing/priority', '/routing/upstreams', '/routing/x'],
  },
  {
    what: 'a ceiling below zero',
    request: but({ routing: { max_cost_usd: -1 } }),
    ...invalid,
    pointers: ['/routing/max_cost_usd'],
  },
  {
    what: 'a deadline of 9 seconds',
    request: but({ routing: { deadline_seconds: 9 } }),
    ...invalid,
    pointers: ['/routing/deadline_seconds'],
  },
  {
    what: 'a deadline of two days',
    request: but({ routing: { deadline_seconds: 172_800 } }),
    ...invalid,
    pointers: ['/routing/deadline_seconds'],
  },
  {
    what: 'metadata of numbers',
    request: but({ metadata: { shot: 12 } }),
    ...invalid,
    pointers: ['/metadata/shot'],
  },
  {
    what: 'metadata of 513 characters',
    request: but({ metadata: { shot: 'x'.repeat(513) } }),
    ...invalid,
    pointers: ['/metadata/shot'],
  },
  {
    what: '33 entries of metadata',
    request: but({ metadata: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, 'v'])) }),
    ...invalid,
    pointers: ['/metadata'],
  },
  { what: 'a list', request: json([]), ...invalid, pointers: [''] },
  { what: 'no body', request: {}, ...invalid, pointers: [''] },
  { what: 'an empty body', request: { ...json({}), payload: '' }, ...invalid, pointers: [''] },
  {
    what: 'malformed JSON',
    request: { ...json({}), payload: '{"prompt":' },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: '__proto__',
    request: { ...json({}), payload: '{"__proto__":{}}' },
    status: 400,
    code: 'malformed_body',
    pointers: ['/__proto__'],
  },
  {
    what: 'bytes that are not UTF-8',
    request: { ...json({}), payload: Buffer.from('{"prompt":"caf\xe9"}', 'latin1') },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'too much JSON',
    request: but({ prompt: 'x'.repeat(1024 * 1024) }),
    status: 413,
    code: 'payload_too_large',
    pointers: [''],
  },
  {
    what: 'plain text',
    request: { headers: { 'content-type': 'text/plain' }, payload: 'a lighthouse' },
    status: 415,
    code: 'unsupported_media_type',
    pointers: ['#/headers/content-type'],
  },
  {
    what: 'a URL-encoded form',
    request: { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: 'prompt=x' },
    status: 415,
    code: 'unsupported_media_type',
    pointers: ['#/headers/content-type'],
  },
]

export const formCases: Case[] = [
  { what: 'a form without a prompt', request: form([clip]), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a file part without a filename',
    request: form([prompt, { name: 'reference', value: 'bytes', type: 'application/octet-stream' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a file part with an empty filename',
    request: form([prompt, { ...clip, filename: '' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'a reference as text',
    request: form([prompt, { name: 'reference', value: 'https://a.example/i.png' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  { what: 'a second file', request: form([prompt, clip, clip]), ...invalid, pointers: ['/reference'] },
  {
    what: 'another file',
    request: form([prompt, { ...clip, name: 'video' }]),
    ...invalid,
    pointers: ['/video'],
  },
  {
    what: 'an unknown part',
    request: form([prompt, clip, { name: 'x', value: '1' }]),
    ...invalid,
    pointers: ['/x'],
  },
  { what: 'a repeated part', request: form([prompt, prompt]), ...invalid, pointers: ['/prompt'] },
  {
    what: 'a duration in words',
    request: form([prompt, { name: 'duration', value: 'ten' }]),
    ...invalid,
    pointers: ['/duration'],
  },
  {
    what: 'routing that is not JSON',
    request: form([clip, prompt, { name: 'routing', value: '{' }]),
    ...invalid,
    pointers: ['/routing'],
  },
  {
    what: 'routing with a fault',
    request: form([clip, prompt, { name: 'routing', value: '{"priority":"speed"}' }]),
    ...invalid,
    pointers: ['/routing/priority'],
  },
  {
    what: 'a field of 300 KB',
    request: form([prompt, { name: 'metadata', value: 'x'.repeat(300_000) }]),
    ...invalid,
    pointers: ['/metadata'],
  },
  {
    what: 'a file and a URL',
    request: form([clip, prompt, { name: 'reference_video_url', value: 'https://a.example/v.mp4' }]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'two URLs',
    request: form([
      prompt,
      { name: 'reference_video_url', value: 'https://a.example/v.mp4' },
      { name: 'reference_image_url', value: 'https://a.example/i.png' },
    ]),
    ...invalid,
    pointers: ['/reference'],
  },
  {
    what: 'an influence of nothing',
    request: form([prompt, { name: 'reference_influence', value: '0.5' }]),
    ...invalid,
    pointers: ['/reference_influence'],
  },
  {
    what: 'a file above the limit',
    request: form([{ ...clip, value: Buffer.alloc(1024 * 1024 + 2) }, prompt]),
    status: 413,
    code: 'payload_too_large',
    pointers: ['/reference'],
  },
  {
    what: 'a form that ends within the file',
    request: form([prompt, clip], ''),
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'a form without a boundary',
    request: { headers: { 'content-type': 'multipart/form-data' }, payload: 'x' },
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'a part called __proto__',
    request: form([prompt, { name: '__proto__', value: '1' }]),
    status: 400,
    code: 'malformed_body',
    pointers: [''],
  },
  {
    what: 'eighty parts',
    request: form(Array.from({ length: 80 }, (_, i) => ({ name: `p${i}`, value: '1' }))),
    status: 413,
    code: 'payload_too_large',
    pointers: [''],
  },
]

export const name = { name: 'name', value: 'coffee_girl' }
