import { z } from 'zod'

/** A workflow in the API format, as far as the simulator supports it. */
const graphSchema = z.record(
  z.string(),
  z.object({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) }),
)
type Graph = z.output<typeof graphSchema>

const requestSchema = z.object({ prompt: graphSchema, prompt_id: z.string().min(1).optional() })

export interface GraphOrder {
  id: string | undefined
  model: unknown
  prompt: unknown
  seconds: number
  size: string
  /** The name of an uploaded picture. */
  image: string | null
}

/** The request in a graph; null if the simulator does not support it. */
export function readGraph(body: unknown): GraphOrder | null {
  const request = requestSchema.safeParse(body).data
  if (request === undefined) return null
  const { prompt: graph, prompt_id: id } = request
  const sampler = inputsOf(graph, 'KSampler')
  const latent = nodeAt(graph, sampler['latent_image'])
  const [width, height, length] = ['width', 'height', 'length'].map((name) => Number(latent[name]))
  const fps = Number(inputsOf(graph, 'CreateVideo')['fps'])
  if (width === undefined || height === undefined || length === undefined || !Number.isInteger(length / 1))
    return null
  const image = nodeAt(graph, latent['start_image'])['image']
  return {
    id,
    model: inputsOf(graph, 'UNETLoader')['unet_name'],
    prompt: nodeAt(graph, sampler['positive'])['text'],
    seconds: Math.round((length - 1) / fps),
    size: `${width}x${height}`,
    image: typeof image === 'string' ? image : null,
  }
}

function inputsOf(graph: Graph, type: string): Record<string, unknown> {
  return Object.values(graph).find((node) => node.class_type === type)?.inputs ?? {}
}

/** The inputs of the node that a link `[id, output]` refers to. */
function nodeAt(graph: Graph, link: unknown): Record<string, unknown> {
  const id = Array.isArray(link) ? String(link[0]) : ''
  return graph[id]?.inputs ?? {}
}
