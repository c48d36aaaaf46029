interface Cell {
  scene: number
  run: number
  upstream: string
}

/** The videos of one scene, played once, in the order of the upstreams. */
export interface Take<Of extends Cell> {
  scene: number
  run: number
  cells: Of[]
}

/** All takes, scene by scene. */
export function takesOf<Of extends Cell>(
  cells: readonly Of[],
  upstreams: readonly string[],
): Array<Take<Of>> {
  const takes = new Map<string, Take<Of>>()
  const places = new Map(upstreams.map((upstream, place) => [upstream, place]))
  const place = (upstream: string) => places.get(upstream) ?? upstreams.length
  for (const cell of cells) {
    const id = `${cell.scene} ${cell.run}`
    const take = takes.get(id) ?? { scene: cell.scene, run: cell.run, cells: [] }
    takes.set(id, { ...take, cells: [...take.cells, cell] })
  }
  return [...takes.values()]
    .toSorted((a, b) => a.scene - b.scene || a.run - b.run)
    .map((take) => ({
      ...take,
      cells: take.cells.toSorted((a, b) => place(a.upstream) - place(b.upstream)),
    }))
}

/** `A` to `Z`, then `AA`: what a video is called whose upstream is hidden. */
export function letterOf(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest > 0 ? letterOf(rest - 1) : '') + String.fromCharCode(65 + (index % 26))
}
