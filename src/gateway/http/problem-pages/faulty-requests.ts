import type { Explanation } from './explanation.ts'

/** Problems of the request as it was sent: repeated as it is, it fails again. */
export const faultyRequests = {
  validation_failed: {
    meaning:
      'The request can be read, but a field, a query parameter or a header has a value that is not allowed, is missing, or is not known. Nothing was stored and nothing was paid.',
    whatToDo: [
      'Read `errors`: each entry has a JSON pointer to the field and says what is wrong with it.',
      'Correct these fields and send the request again. The OpenAPI document at `/openapi.json` lists all fields.',
    ],
    example: {
      detail: 'routing.priority must be one of cost, stability.',
      faults: [{ pointer: '/routing/priority', detail: 'must be one of cost, stability' }],
    },
  },
  malformed_body: {
    meaning:
      'The body is not what its `Content-Type` says: JSON that cannot be parsed, a form that breaks off, text that is not UTF-8, or a name that occurs twice.',
    whatToDo: [
      'Build the body with a JSON or form library instead of joining text.',
      'If an upload broke off, send it again.',
    ],
    example: { detail: 'The body is not valid JSON.' },
  },
  malformed_request: {
    meaning:
      'The request is not valid HTTP, or ambiguous, so that a proxy and the gateway could read it differently. The connection is closed.',
    whatToDo: [
      'Send the request with a common HTTP client.',
      'Check proxies in between: they may add a second `Content-Length` or a `Transfer-Encoding`.',
    ],
    example: { detail: 'The request is not valid HTTP.' },
  },
  headers_too_large: {
    meaning: 'The request line and the headers have more than 16 KiB together.',
    whatToDo: [
      'Send fewer or shorter headers. Cookies of other services on the same host are a frequent cause.',
    ],
    example: { detail: 'The request line and headers exceed 16 KiB. Send fewer or shorter headers.' },
  },
  payload_too_large: {
    meaning: 'The body, a file in it, or a file behind a URL is larger than allowed. Nothing was stored.',
    whatToDo: [
      'Send a smaller or shorter file. JSON without its data URLs may have 1 MiB.',
      'An operator can raise the limit of files with `media.max_bytes`.',
    ],
    example: { detail: 'The body is too large: without its data URLs, the limit is 1 MiB.' },
  },
  unsupported_media_type: {
    meaning: 'The operation does not read bodies of this `Content-Type` or `Content-Encoding`.',
    whatToDo: ['Send the content type that `detail` names, without `Content-Encoding`.'],
    example: { detail: 'text/plain is not supported. Send Content-Type: application/json.' },
  },
  not_acceptable: {
    meaning: 'The `Accept` header excludes the only form in which this operation answers.',
    whatToDo: ['Send an `Accept` header that allows what `detail` names, or none.'],
    example: { detail: 'The response is text/event-stream. Send an Accept header that allows it.' },
  },
  range_not_satisfiable: {
    meaning: 'The `Range` header asks for bytes behind the end of the file.',
    whatToDo: [
      'Use the size in the `Content-Range` header of the answer, or leave `Range` out.',
      'If a download is resumed, send `If-Range` with the `ETag` of its first part.',
    ],
    example: { detail: 'The requested range is outside the file, which has 48213 bytes.' },
  },
  not_found: {
    meaning:
      'The path does not exist, or nothing has this ID. What belongs to another tenant is answered in the same way.',
    whatToDo: [
      'Compare the path with `/docs`, and the ID with the answer that you have it from.',
      'Use a key of the tenant that made the object. `GET /keys/me` shows the tenant of a key.',
    ],
    example: {
      detail: 'The character does not exist, or belongs to another tenant.',
      faults: [
        { pointer: '#/path/id', detail: 'The character does not exist, or belongs to another tenant.' },
      ],
    },
  },
  method_not_allowed: {
    meaning: 'The path exists, but not with this method.',
    whatToDo: ['Use one of the methods in the `Allow` header.'],
    example: { detail: 'This path supports only GET, HEAD.' },
  },
  url_forbidden: {
    meaning:
      'The gateway does not fetch from, or send to, this URL: its host has no public address, its port or scheme is not allowed, or it redirects to such a place.',
    whatToDo: [
      'Use a public `https` URL, or upload the file in a form.',
      'For a host in your own network, an operator adds it to `fetch.allow_private_hosts`.',
    ],
    example: {
      detail: 'The host does not have a public address.',
      faults: [{ pointer: '/reference/video_url', detail: 'The host does not have a public address.' }],
    },
  },
  url_unreachable: {
    meaning: 'A file could not be fetched from its URL completely and in time. Nothing was stored.',
    whatToDo: [
      'Open the URL without signing in anywhere. Signed URLs expire: make a new one.',
      'Send the request again if its server was down for a moment, or upload the file in a form.',
    ],
    example: {
      detail: 'The URL redirects too many times.',
      faults: [{ pointer: '/first_frame/image_url', detail: 'The URL redirects too many times.' }],
    },
  },
  not_media: {
    meaning:
      'A file is not a video, picture or sound of a kind that is accepted here. Its bytes decide, not its name or content type.',
    whatToDo: [
      'Send JPEG, PNG or WebP pictures, MP4 or QuickTime videos, or MP3, WAV or M4A sound.',
      'If it is a URL, check that it leads to the file itself and not to a page that shows it.',
    ],
    example: {
      detail: 'The file is not a supported video, image or sound.',
      faults: [{ pointer: '/video', detail: 'The file is not a supported video, image or sound.' }],
    },
  },
  character_not_found: {
    meaning: 'The prompt mentions a character that does not exist, or belongs to another tenant.',
    whatToDo: [
      'Correct the name: `errors` suggests the nearest one. `GET /characters` lists all of them.',
      'Write `\\@` for a literal @.',
    ],
    example: {
      detail: 'The prompt mentions a character that does not exist.',
      faults: [
        {
          pointer: '/prompt',
          detail:
            '@cofee_girl does not exist, or belongs to another tenant; did you mean @coffee_girl?; write \\@ for a literal @',
        },
      ],
    },
  },
  generation_not_found: {
    meaning:
      'The request refers to a generation, as a source, a reference or a preference, that does not exist or belongs to another tenant.',
    whatToDo: [
      'Correct the ID in the field that `errors` names. `GET /generations` lists those of your tenant.',
    ],
    example: {
      detail: 'The generation in routing.prefer does not exist.',
      faults: [
        { pointer: '/routing/prefer_upstream_of', detail: 'does not exist, or belongs to another tenant' },
      ],
    },
  },
} as const satisfies Record<string, Explanation>
