import { aRouteRequest, anAvailability } from './builders.ts'

export const nobody = anAvailability()

export const oneCharacter = aRouteRequest({ characters: [nobody] })
