import t from 'tap'
import { isShortcut, isSingleCharacter } from '../../src/console/src/keyboard/key-press.ts'

const plain = {
  key: 'j',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  keyCode: 74,
  inField: false,
}

t.test('a key is a shortcut only where nobody types and nothing else has it', async (t) => {
  t.ok(isShortcut(plain))
  for (const more of [
    { inField: true },
    { isComposing: true },
    { keyCode: 229 },
    { ctrlKey: true },
    { metaKey: true },
    { altKey: true },
  ])
    t.notOk(isShortcut({ ...plain, ...more }), JSON.stringify(more))
})

t.test('only keys that type one character can be switched off', async (t) => {
  for (const key of ['j', '?', '/', '[', '字', '𠀀']) t.ok(isSingleCharacter({ key }), key)
  for (const key of ['Enter', 'Escape', 'ArrowDown', 'F2']) t.notOk(isSingleCharacter({ key }), key)
})
