import type { compile } from '@jmespath-community/jmespath'

type Node = ReturnType<typeof compile>

/** The right side of these is evaluated against the value of the left side. */
const chains: ReadonlySet<Node['type']> = new Set([
  'Subexpression',
  'IndexExpression',
  'Pipe',
  'Projection',
  'ValueProjection',
  'FilterProjection',
])

/**
 * The children of a node: those evaluated against the same value as the node, and those against the value of other
 * children.
 */
export function partsOf(node: Node): { here: Node[]; further: Node[] } {
  if ('left' in node) {
    const condition = 'condition' in node ? [node.condition] : []
    return chains.has(node.type)
      ? { here: [node.left], further: [node.right, ...condition] }
      : { here: [node.left, node.right], further: [] }
  }
  if (node.type === 'ExpressionReference') return { here: [], further: [node.child] }
  if ('child' in node) return { here: [node.child], further: [] }
  if ('operand' in node) return { here: [node.operand], further: [] }
  if (node.type === 'MultiSelectHash') return { here: node.children.map(({ value }) => value), further: [] }
  if ('children' in node) return { here: [...node.children], further: [] }
  if (node.type === 'Ternary') return { here: [node.condition, node.trueExpr, node.falseExpr], further: [] }
  return { here: [], further: [] }
}

/** The members of `root` that an expression reads by name, and `*` if it reads all of it. */
export function memberNames(node: Node, root: string): string[] {
  if (node.type === 'Field') return node.name === root ? ['*'] : []
  if (node.type === 'Subexpression' && node.left.type === 'Field' && node.left.name === root)
    return [node.right.type === 'Field' ? node.right.name : '*']
  return partsOf(node).here.flatMap((part) => memberNames(part, root))
}

/** The top-level names that an expression reads. */
export function rootNames(node: Node): string[] {
  return node.type === 'Field' ? [node.name] : partsOf(node).here.flatMap(rootNames)
}

/** Whether an expression calls one of these functions. */
export function callsAny(node: Node, names: readonly string[]): boolean {
  if (node.type === 'Function' && names.includes(node.name)) return true
  const { here, further } = partsOf(node)
  return [...here, ...further].some((part) => callsAny(part, names))
}

/** Whether an expression reads a variable; `$asked` is the only one. */
export function readsVariable(node: Node): boolean {
  if (node.type === 'Variable') return true
  const { here, further } = partsOf(node)
  return [...here, ...further].some(readsVariable)
}
