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

function optionsIn(expression: Expression): string[] {
  return memberNames(expression, 'options').map((name) => `options.${name}`)
}

function namesInTree(tree: Tree): string[] {
  switch (tree.type) {
    case 'text':
      return [
        ...namesIn(tree.template),
        ...membersIn(tree.template, 'options').map((name) => `options.${name}`),
      ]
    case 'file':
      return [tree.name === 'clip' ? 'characters' : tree.name]
    case 'map':
      return tree.entries.flatMap(([, inner]) => namesInTree(inner))
    case 'list':
      return tree.items.flatMap(namesInTree)
    case 'plain':
      return []
  }
}
