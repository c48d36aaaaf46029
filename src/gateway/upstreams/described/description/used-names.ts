import { characterMaterials } from '../../../domain/characters/character.ts'
import type { CharacterMaterial } from '../../../domain/characters/character.ts'
import type { Description } from './description-parts.ts'
import { memberNames, rootNames } from '../expressions/expression-parts.ts'
import { membersIn, namesIn } from '../expressions/template.ts'
import type { Expression } from '../expressions/expression.ts'
import type { Tree } from '../expressions/tree.ts'

/**
 * The values that a create sends, to detect requests with values that it would drop. Options are `options.name`, or
 * `options.*` if all are sent as they are.
 */
export function namesUsedBy({ create, values }: Description): ReadonlySet<string> {
  const { before } = create
  // A conditional call sends only the values that its condition requires.
  const always = before === undefined || before.when !== undefined ? [] : [before.body, before.form]
  const trees = [create.body, create.form, ...always].filter((tree) => tree !== undefined)
  return new Set([
    ...namesIn(create.path),
    ...(before?.when === undefined ? [] : rootNames(before.when)),
    ...trees.flatMap(namesInTree),
    ...Object.values(values).flatMap(({ from }) => [...rootNames(from), ...optionsIn(from)]),
  ])
}

/** What the calls that create a character are given. A clip goes before pictures where they take either. */
export function characterMaterialsOf({ characters }: Description): CharacterMaterial[] {
  const { create } = characters ?? {}
  if (create === undefined) return []
  const calls = create.before === undefined ? [create] : [create, create.before]
  const used = new Set(
    calls.flatMap(({ path, body, form }) => [
      ...namesIn(path),
      ...[body, form].filter((tree) => tree !== undefined).flatMap(namesInTree),
    ]),
  )
  return characterMaterials.filter(
    (material) => used.has(material) || (material === 'clip' && used.has(clipFile)),
  )
}

function optionsIn(expression: Expression): string[] {
  return memberNames(expression, 'options').map((name) => `options.${name}`)
}

/** The clip as a file counts as the characters of a create. */
const clipFile = 'characters'

function namesInTree(tree: Tree): string[] {
  switch (tree.type) {
    case 'text':
      return [
        ...namesIn(tree.template),
        ...membersIn(tree.template, 'options').map((name) => `options.${name}`),
      ]
    case 'file':
      return [tree.name === 'clip' ? clipFile : tree.name]
    case 'map':
      return tree.entries.flatMap(([, inner]) => namesInTree(inner))
    case 'list':
      return tree.items.flatMap(namesInTree)
    case 'plain':
      return []
  }
}
