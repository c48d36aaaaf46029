import { readFile } from 'node:fs/promises'
import t from 'tap'
import { breakingChanges } from '../../openapi/breaking/operations.ts'

const text = await readFile(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')

/** The changes between the document and a copy that `edit` changed; `back` looks at it the other way round. */
function changes(edit: (document: any) => void): { forth: string[]; back: string[] } {
  const [before, after] = [JSON.parse(text), JSON.parse(text)]
  edit(after)
  return { forth: breakingChanges(before, after), back: breakingChanges(after, before) }
}

t.test('a document does not break with itself', async (t) => {
  t.same(changes(() => undefined).forth, [])
})

const generate = '/generate'

/** What is done, what it breaks, and what undoing it would break. */
const rows: Array<{ name: string; forth: string[]; back: string[]; edit: (document: any) => void }> = [
  {
    name: 'an operation goes',
    forth: ['GET /upstreams: is gone'],
    back: [],
    edit: ({ paths }) => delete paths['/upstreams'],
  },
  {
    name: 'an operation gets another id, by which generated clients call it',
    forth: ['GET /upstreams: operationId is another'],
    back: ['GET /upstreams: operationId is another'],
    edit: ({ paths }) => (paths['/upstreams'].get.operationId = 'upstreams'),
  },
  {
    name: 'a member of an answer goes',
    forth: ['Generation as answered.metadata: is gone'],
    back: [],
    edit({ components: { schemas } }) {
      delete schemas.Generation.properties.metadata
      schemas.Generation.required = schemas.Generation.required.filter((name: string) => name !== 'metadata')
    },
  },
  {
    name: 'a member of an answer may be missing',
    forth: ['Generation as answered.metadata: may be missing now'],
    back: [],
    edit({ components: { schemas } }) {
      schemas.Generation.required = schemas.Generation.required.filter((name: string) => name !== 'metadata')
    },
  },
  {
    name: 'an answer has a value that nobody knows yet',
    forth: ['Warning as answered.code: may now be "odd"'],
    back: [],
    edit: ({ components: { schemas } }) => schemas.Warning.properties.code.enum.push('odd'),
  },
  {
    name: 'a member of an answer is of another type',
    forth: ['Generation as answered.model: may now be integer'],
    back: ['Generation as answered.model: may now be string'],
    edit: ({ components: { schemas } }) => (schemas.Generation.properties.model.type = 'integer'),
  },
  {
    name: 'a request must say more',
    forth: ['GenerateRequest as asked.model: is required now'],
    back: [],
    edit: ({ components: { schemas } }) => schemas.GenerateRequest.required.push('model'),
  },
  {
    name: 'a request may say less',
    forth: ['Routing as asked.fallback: is gone'],
    back: [],
    edit: ({ components: { schemas } }) => delete schemas.Routing.properties.fallback,
  },
  {
    name: 'a request may say it in fewer ways',
    forth: [
      'Routing as asked.priority: "stability" is no longer taken',
      'GenerateRequest as asked.duration: maximum is tighter',
    ],
    back: [],
    edit({ components: { schemas } }) {
      schemas.Routing.properties.priority.enum = ['cost']
      schemas.GenerateRequest.properties.duration.maximum = 20
    },
  },
  {
    name: 'a kind of body goes',
    forth: [`POST ${generate} body multipart/form-data: is gone`],
    back: [],
    edit: ({ paths }) => delete paths[generate].post.requestBody.content['multipart/form-data'],
  },
  {
    name: 'a parameter goes',
    forth: ['GET /generations/{id} query wait: is gone'],
    back: [],
    edit: ({ paths }) =>
      (paths['/generations/{id}'].get.parameters = paths['/generations/{id}'].get.parameters.slice(1)),
  },
  {
    name: 'success is told in another way',
    forth: [`POST ${generate} 201: is a new way to succeed`, `POST ${generate} 202: is gone`],
    back: [`POST ${generate} 201: is gone`, `POST ${generate} 202: is a new way to succeed`],
    edit({ paths }) {
      const { responses } = paths[generate].post
      responses['201'] = responses['202']
      delete responses['202']
    },
  },
  {
    name: 'a scope no longer opens an operation',
    forth: ['GET /generations: {"key":["read"]} no longer opens it'],
    back: [],
    edit: ({ paths }) => {
      const { get } = paths['/generations']
      get.security = get.security.filter(({ key }: { key?: string[] }) => key?.[0] !== 'read')
    },
  },
  {
    name: 'a union of answers gets a variant',
    forth: ['CharacterSource as answered: may now be Clip'],
    back: [],
    edit: ({ components: { schemas } }) =>
      (schemas.CharacterSource.oneOf ?? schemas.CharacterSource.anyOf).push({
        $ref: '#/components/schemas/Clip',
      }),
  },
]

for (const { name, forth, back, edit } of rows) {
  t.test(`it is found when ${name}`, async (t) => {
    const found = changes(edit)
    t.same(found.forth.toSorted(), forth.toSorted())
    t.same(found.back.toSorted(), back.toSorted(), 'the other way round')
  })
}
