import type { components } from './schema.ts'

type GenerateRequest = components['schemas']['GenerateRequest']

/** A file to send; gateways want a name with it. */
export interface Upload {
  content: Blob
  fileName: string
}

/** Flat fields, as the gateway's forms have them. */
export function generateForm(request: GenerateRequest, file: Upload & { influence?: number }): FormData {
  const { routing, metadata, webhook_events: events, reference: _url, ...others } = request
  const { references, options, first_frame: first, last_frame: last, ...fields } = others
  const form = formOf({
    ...fields,
    references: references && JSON.stringify(references),
    options: options && JSON.stringify(options),
    first_frame_image_url: first?.image_url,
    last_frame_image_url: last?.image_url,
    routing: routing && JSON.stringify(routing),
    metadata: metadata && JSON.stringify(metadata),
    webhook_events: events && JSON.stringify(events),
    reference_influence: file.influence,
  })
  form.set('reference', file.content, file.fileName)
  return form
}

export function formOf(fields: Record<string, string | number | boolean | undefined>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, String(value))
  return form
}
