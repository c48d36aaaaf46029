import t from 'tap'
import { killWhileBinding } from '../chaos/character-kills.ts'

t.test('kill -9 around the making of a character leaves one orphan at most, and reports it', async (t) => {
  const { kills, made, named, orphans, violations } = await killWhileBinding(8, () => undefined)
  t.same(violations, [])
  t.equal(kills, 8)
  t.ok(made - named <= orphans)
  t.comment(`${made} made, ${named} named, ${orphans} reported`)
})
