import t from 'tap'
import { keySchema, upstreamSchema } from '../../src/gateway/config/schema/schema.ts'
import { KeyRequest } from '../../src/gateway/http/schemas/accounts/key-request.ts'

/** Some names are joined into one text: the path of a generation in the totals, a pool, the key of a warning. */
const separators = [',', '|', ':', ' ', '/', '\\', '"', "'", ';', '\t', '\n', '\0', '\u2028', '，']

const schemas = [
  upstreamSchema.shape.id,
  keySchema.shape.name,
  keySchema.shape.tenant,
  KeyRequest.shape.name,
  KeyRequest.shape.tenant,
]

t.test('no id of an upstream, name of a key or tenant holds what separates such texts', async (t) => {
  for (const schema of schemas) {
    const texts = separators.flatMap((each) => [`a${each}`, `${each}a`, `a${each}b`])
    t.same(
      texts.filter((text) => schema.safeParse(text).success),
      [],
    )
    t.ok(schema.safeParse('reseller-a').success)
  }
})
