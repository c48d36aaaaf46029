type Kind = 'official' | 'reverse' | 'self_hosted'

interface Expected {
  upstream: string
  kind: Kind
  fidelity: 'native' | 'inline' | 'reference' | null
  reason: string | null
}

interface Bound {
  upstream: string
  kind: Kind | null
  state: string
}

/** One upstream beside one character; null for what there is not. */
export interface UpstreamRow<Binding, Usage> {
  upstream: string
  kind: Kind | null
  expected: Expected | null
  binding: Binding | null
  usage: Usage | null
  /** Whether a scene there needs one. */
  needsBinding: boolean
  /** Whether it can be made now, or anew. */
  canBind: boolean
}

/** Those that can use it first, then those that cannot, then those that are no longer configured. */
export function upstreamRows<Binding extends Bound, Usage extends { upstream: string; kind: Kind | null }>(
  expected: readonly Expected[],
  bindings: readonly Binding[],
  usages: readonly Usage[],
): Array<UpstreamRow<Binding, Usage>> {
  const configured = new Set(expected.map(({ upstream }) => upstream))
  const known = [...bindings, ...usages].map(({ upstream }) => upstream)
  const gone = [...new Set(known.filter((upstream) => !configured.has(upstream)))].toSorted()
  const usable = expected.filter(({ fidelity }) => fidelity !== null)
  const unusable = expected.filter(({ fidelity }) => fidelity === null)
  return [...[...usable, ...unusable].map(({ upstream }) => upstream), ...gone].map((upstream) => {
    const expectation = expected.find((each) => each.upstream === upstream) ?? null
    const binding = bindings.find((each) => each.upstream === upstream) ?? null
    const usage = usages.find((each) => each.upstream === upstream) ?? null
    const isNative = expectation?.fidelity === 'native'
    const isOpen = binding === null ? isNative : binding.state === 'failed' || binding.state === 'revoked'
    return {
      upstream,
      kind: expectation?.kind ?? binding?.kind ?? usage?.kind ?? null,
      expected: expectation,
      binding,
      usage,
      needsBinding: isNative,
      canBind: expectation !== null && isOpen,
    }
  })
}
