import { z } from 'zod'
import { answer, answerAs } from '../problem.ts'
import { binary, notModified, videoContent } from './media.ts'

/** What `GET` of a video file answers. */
export const videoAnswers = {
  200: answerAs('The complete file.', videoContent),
  206: answerAs('The requested range.', videoContent),
  304: notModified,
}

export const movedToStorage = z.null().meta({
  description:
    'The video is at the URL in `Location` for five minutes, for whoever has it. Follow without your API key. Only where the ' +
    'gateway is configured so, and for keys in `Authorization`.',
})

/** What `HEAD` of a video file answers. */
export const headAnswers = {
  200: z.null().meta({ description: 'The headers that `GET` would return.' }),
  304: notModified,
}

/** What `GET` of a video's first frame answers. */
export const pictureAnswers = { 200: answer('A WebP image.', binary, 'image/webp'), 304: notModified }
