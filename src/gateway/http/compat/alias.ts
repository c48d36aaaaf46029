/**
 * Where other clients of the same protocol have its paths: those of Azure OpenAI, whose deployments are model names.
 * Anything else stays as it is. A pure function of the request target, with its query.
 */
export function withoutAlias(target: string): string {
  const [, rest] =
    /^\/openai(?:\/v1|\/deployments\/[^/?]+)?(\/(?:videos|models)(?:[/?].*)?)$/.exec(target) ?? []
  return rest === undefined ? target : `/v1${rest}`
}

/** The deployment that a request target names; null where it names none. */
export function deploymentOf(target: string): string | null {
  const [, name] = /^\/openai\/deployments\/([\w.-]{1,64})\//.exec(target) ?? []
  return name ?? null
}
