import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { tryDialect } from '../src/gateway/try-dialect/try-dialect.ts'
import { presetNames } from '../src/gateway/upstreams/described/preset-names.ts'

const folder = t.testdir()

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const description = `
name: acme
auth: { header: X-Key, value: '\${ACME_PREFIX} {{ key }}' }
create:
  path: /v1/jobs
  body: { text: '{{ prompt }}', length: '{{ seconds }}', pictures: '{{ images }}' }
  id: payload.id
  keep: { shard: payload.shard }
poll:
  path: /v1/{{ shard }}/{{ id }}
  status: payload.state
result:
  path: /v1/{{ shard }}/{{ id }}/result
  video: payload.url
list: { path: /v1/jobs, items: payload, id: id, keep: { shard: at } }
characters:
  create:
    before: { path: /v1/groups, body: { name: '{{ name }}' }, keep: { group: id } }
    path: /v1/people
    form: { group: '{{ group }}', film: { file: clip } }
    id: id
  poll: { path: '/v1/people/{{ id }}', handle: handle }
`

const fixture = `
request: { prompt: A storm, duration: 5, image_url: https://example.com/i.png }
answers:
  create:
    - { body: { payload: { id: j1, shard: s2 } } }
    - { status: 429, body: { message: slow down } }
  poll:
    - { body: { payload: { state: running } } }
    - { body: { payload: { state: completed } } }
  result: { body: { payload: { url: https://example.com/v.mp4 } } }
  list: { body: { payload: [{ id: j1, at: s2 }] } }
  character: { body: { id: g1 } }
  character_next: { body: { id: p1 } }
  character_poll: [{ body: { handle: null } }, { body: { handle: amber } }]
`

t.test('a description shows what it would send and how it reads recorded answers', async (t) => {
  const { ok, report } = tryDialect({
    file: await file('acme.yaml', description),
    fixture: await file('fixture.yaml', fixture),
  })
  t.equal(ok, true)
  const lines = [
    'call: POST /v1/jobs',
    'text: A storm',
    'length: 5',
    '- https://example.com/i.png',
    'type: accepted',
    'type: rejected',
    'call: GET /v1/s2/j1',
    'type: running',
    'call: GET /v1/s2/j1/result',
    'url: https://example.com/v.mp4',
    'call: GET /v1/jobs',
    'upstreamId: j1',
    'call: POST /v1/groups',
    'call: POST /v1/people',
    'film: (a file)',
    'call: GET /v1/people/p1',
    'type: pending',
    'handle: amber',
  ]
  let rest = report
  for (const line of lines) {
    const at = rest.indexOf(line)
    t.ok(at >= 0, line)
    rest = rest.slice(Math.max(0, at))
  }
})

t.test('without answers it shows the calls it can, and says what is needed for the others', async (t) => {
  const { ok, report } = tryDialect({ file: await file('acme.yaml', description), fixture: undefined })
  t.equal(ok, true)
  t.match(report, 'needs: a recorded answer to the call before it')
  for (const name of presetNames) t.equal(tryDialect({ file: name, fixture: undefined }).ok, true, name)
})

function sectionsOf(report: string): Map<string, string> {
  const parts = report.split(/^(?=\S)/m)
  return new Map(parts.map((part) => [part.split('\n', 1)[0] ?? '', part] as const))
}

t.test('there is a sample for each input that the description uses, and for no other', (t) => {
  const { report } = tryDialect({ file: 'openrouter', fixture: undefined })
  const sections = sectionsOf(report)
  t.match(sections.get('create with first and last frame'), /first-frame\.png[^]*last-frame\.png/)
  t.match(sections.get('create with image reference'), /input_references:[^]*reference\.png/)
  t.match(sections.get('create with audio reference'), /input_references:[^]*reference\.mp3/)
  t.match(sections.get('create with audio'), /generate_audio: true/)
  t.match(sections.get('create with seed'), /seed: 7/)
  t.notMatch(sections.get('create'), /seed|frame|reference/)
  t.end()
})

t.test('uploads are shown before the create, which has what is kept of their answers', async (t) => {
  const uploading = await file(
    'uploading.yaml',
    `
name: uploader
create:
  path: /v1/jobs
  uploads:
    of: [first_frame]
    path: /v1/files
    form: { film: { file: file } }
    keep: { id: id, to: address }
    send: { to: '{{ to }}' }
  body: { text: '{{ prompt }}', begin: '{{ first_frame.uploaded.id }}' }
  id: id
poll: { path: '/v1/jobs/{{ id }}', status: state, video: url }
`,
  )
  const answers = await file(
    'uploaded.yaml',
    'answers: { upload: [{ body: { id: file-9, address: https://store.example/9 } }, { status: 200 }] }',
  )
  const shown = tryDialect({ file: uploading, fixture: answers })
  t.equal(shown.ok, true, shown.report)
  const sections = sectionsOf(shown.report)
  t.match(
    sections.get('create with first frame'),
    /POST \/v1\/files[^]*film: \(a file\)[^]*PUT https:\/\/store\.example\/9[^]*body: \(a file\)[^]*POST \/v1\/jobs[^]*begin: file-9/,
  )
  t.notMatch(sections.get('create'), 'POST /v1/files')
  t.same([...sections.keys()], ['create', 'create with first frame', 'poll'])
  const bare = sectionsOf(tryDialect({ file: uploading, fixture: undefined }).report)
  t.match(bare.get('create with first frame'), /POST \/v1\/files[^]*needs: a recorded answer/)
})

t.test('mistakes in either file are told with their lines', async (t) => {
  const rows: [description: string, fixture: string | null, report: string | RegExp][] = [
    [
      'create:\n  path: x\n',
      null,
      /wrong\.yaml:2:3 create\.id: is required\n.*wrong\.yaml:2:9 create\.path: should start with `\/`/,
    ],
    [
      'extends: kie-jobs\npoll: { pth: /x }\n',
      null,
      /wrong\.yaml:2:9 poll\.pth: unknown key `pth`; did you mean `path`\?/,
    ],
    ['- a\n', null, /the file should be a map/],
    [
      description,
      'answers: { creat: [] }\n',
      /wrong-fixture\.yaml:1:12 answers\.creat: unknown key `creat`; did you mean `create`\?/,
    ],
    [
      description,
      'answers: { poll: { status: x } }\n',
      /answers\.poll\[0\]\.status: should be a number, not text/,
    ],
  ]
  for (const [text, recorded, report] of rows) {
    const given = recorded === null ? undefined : await file('wrong-fixture.yaml', recorded)
    t.match(tryDialect({ file: await file('wrong.yaml', text), fixture: given }), { ok: false, report })
  }
  t.match(tryDialect({ file: join(folder, 'missing.yaml'), fixture: undefined }), {
    ok: false,
    report: /missing\.yaml: cannot be read \(ENOENT\)/,
  })
})
