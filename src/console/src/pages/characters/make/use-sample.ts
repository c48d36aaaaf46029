import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../../../api/problem.ts'
import sample from '../sample.mp4'

/** The bundled clip as a file, read once it is wanted. */
export function useSample(isWanted: boolean) {
  return useQuery({
    queryKey: ['sample-clip'],
    queryFn: async ({ signal }) => {
      const response = await fetch(sample, { signal })
      if (!response.ok) throw new ApiProblem('The sample clip is not there.', { status: response.status })
      return new File([await response.blob()], 'sample.mp4', { type: 'video/mp4' })
    },
    enabled: isWanted,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
