import type { FastifyRequest } from 'fastify'
import { checkLength } from '../../control/catalogue.ts'
import { checkPicture } from '../../control/picture.ts'
import type { VendorContext } from '../../dialect.ts'
import type { Order } from '../../jobs/job.ts'
import { accepted } from '../../jobs/vendor-error.ts'
import type { Verdict } from '../../jobs/vendor-error.ts'
import { after, fieldsOf } from '../json-order.ts'
import { readMediaOrder } from '../media/media-order.ts'
import { readContent, withoutMixture } from './content-parts.ts'

/** A create with `content[]`, `ratio`, `resolution` and `duration`. `lastAlone`: a last frame is allowed without a first. */
export async function readContentOrder(
  request: FastifyRequest,
  context: VendorContext,
  { lastAlone }: { lastAlone: boolean },
): Promise<Verdict<Order>> {
  const { upstream } = context.vendor
  const { characters } = upstream
  // BytePlus' own SDK sends null for every field that is not set.
  const said = Object.entries(fieldsOf(request.body)).filter(([, value]) => value !== null)
  const fields = Object.fromEntries(said)
  const { ratio, resolution } = fields
  const content = readContent(fields['content'])
  if (!content.ok) return content
  return readMediaOrder(
    {
      fields: { ...fields, prompt: content.value.prompt },
      seconds: checkLength(upstream, fields['duration'], 'duration', 'number'),
      size: checkPicture(upstream, { ratio, resolution }, { ratio: 'ratio', resolution: 'resolution' }),
      media: after(
        after(content, (value) => withoutMixture(value, lastAlone)),
        (media) => accepted(characters ? media.filter(({ url }) => !url.startsWith('asset://')) : media),
      ),
      cast: after(content, ({ assets }) =>
        characters ? after(context.vendor.characters.admit(assets), () => accepted(assets)) : accepted([]),
      ),
      mediaField: 'content',
      read: ['content', 'duration', 'ratio', 'resolution'],
    },
    context,
  )
}
