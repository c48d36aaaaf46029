import t from 'tap'
import { name } from '../../src/config/fields.ts'
import { keySchema, upstreamSchema } from '../../src/config/schema.ts'
import { KeyRequest } from '../../src/http/schemas/key.ts'

/** Some are joined with others to one text: the path of a generation in the totals, a lane, the mark of a warning said once. */
const separators = [',', '|', ':', ' ', '/', '\\', '"', "'", ';', '\t', '\n', '\0', '\u2028', '，', '']

t.test('no id of an upstream, name of a key or tenant holds what separates such texts', async (t) => {
  t.ok(name.safeParse('reseller-a').success)
  for (const separator of separators) {
    for (const text of [`a${separator}`, `${separator}a`, `a${separator}b`].filter(
      (each) => !/^ab?$/.test(each),
    )) {
      t.notOk(upstreamSchema.shape.id.safeParse(text).success, JSON.stringify(text))
      t.notOk(keySchema.shape.name.safeParse(text).success)
      t.notOk(keySchema.shape.tenant.safeParse(text).success)
      t.notOk(KeyRequest.shape.name.safeParse(text).success)
      t.notOk(KeyRequest.shape.tenant.safeParse(text).success)
    }
  }
})
