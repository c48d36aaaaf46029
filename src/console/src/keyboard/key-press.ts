/** What of a key press decides whether it is a shortcut. */
export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  isComposing: boolean
  /** 229 while an input method has the key, in browsers that do not say `isComposing` (Safari, on the last one). */
  keyCode: number
  /** Whether the focus is where letters are typed. */
  inField: boolean
}

/** Letters belong to fields and to input methods; with a modifier they belong to the browser. */
export function isShortcut(press: KeyPress): boolean {
  if (press.inField || press.isComposing || press.keyCode === 229) return false
  return !press.ctrlKey && !press.metaKey && !press.altKey
}

/** A letter, digit or sign, which speech input may type by accident (WCAG 2.1.4): these can be switched off. */
export function isSingleCharacter({ key }: Pick<KeyPress, 'key'>): boolean {
  return /^.$/u.test(key)
}
