/**
 * Outlines of parcels on a screen: a plane that is true near its middle, in metres, and everything
 * that a map says beside it. Positions are whole units of 0.0000001 degree of CGCS2000, read from
 * the wire's decimal text; they become fractions of a pixel only here.
 */

/** [longitude, latitude], decimal degrees with seven places. */
export type Position = readonly [string, string]

export interface Outline {
  id: string
  /** Closed: the last position is the first again. */
  ring: readonly Position[]
}

export interface Extent {
  west: number
  south: number
  east: number
  north: number
}

/** What is in the middle, and how large: pixels per metre. */
export interface Camera {
  x: number
  y: number
  scale: number
}

export interface Size {
  width: number
  height: number
}

const PLACES = 7
const DEGREE = 10 ** PLACES
const CLOSEST = 24
/** Smaller on the screen than this, an outline is a mark. */
const SEEN = 14
const APART = 36
const LINES_APART = 96
const RADIANS = Math.PI / 180 / DEGREE

/** `111.2100000` as 1112100000. */
export function units(text: string): number {
  return Number(text.replace('.', ''))
}

/** A unit as text with so many places, cut. */
export function degreesText(value: number, places = PLACES): string {
  const text = String(Math.round(value)).padStart(PLACES + 1, '0')
  const whole = text.slice(0, -PLACES)
  return places === 0 ? whole : `${whole}.${text.slice(-PLACES).slice(0, places)}`
}

export function extentOf(outlines: readonly { ring: readonly Position[] }[]): Extent | undefined {
  const points = outlines.flatMap(({ ring }) => ring)
  if (points.length === 0) return undefined
  const xs = points.map(([x]) => units(x))
  const ys = points.map(([, y]) => units(y))
  const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b))
  const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b))
  return { west: least(xs), south: least(ys), east: most(xs), north: most(ys) }
}

/** Metres of one unit of longitude and of latitude at a latitude, on the ellipsoid. */
export function metresPerUnit(latitude: number): [number, number] {
  const phi = latitude * RADIANS
  const east = 111_412.84 * Math.cos(phi) - 93.5 * Math.cos(3 * phi) + 0.118 * Math.cos(5 * phi)
  const north = 111_132.954 - 559.822 * Math.cos(2 * phi) + 1.175 * Math.cos(4 * phi)
  return [east / DEGREE, north / DEGREE]
}

/** The camera that shows an extent whole, with room around it. */
export function fit(extent: Extent, { width, height }: Size, margin = 44): Camera {
  const x = (extent.west + extent.east) / 2
  const y = (extent.south + extent.north) / 2
  const [east, north] = metresPerUnit(y)
  const across = Math.max((extent.east - extent.west) * east, 1)
  const along = Math.max((extent.north - extent.south) * north, 1)
  const scale = Math.min((width - 2 * margin) / across, (height - 2 * margin) / along, CLOSEST)
  return { x, y, scale: Math.max(scale, 1e-6) }
}

export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, scale: Math.min(Math.max(camera.scale * factor, 1e-5), CLOSEST * 2) }
}

/** Moved by so many pixels to the east and to the north. */
export function panned(camera: Camera, east: number, north: number): Camera {
  const [perX, perY] = metresPerUnit(camera.y)
  return { ...camera, x: camera.x + east / camera.scale / perX, y: camera.y + north / camera.scale / perY }
}

export interface Plane {
  toX: (longitude: number) => number
  toY: (latitude: number) => number
}

export function planeOf(camera: Camera, { width, height }: Size): Plane {
  const [perX, perY] = metresPerUnit(camera.y)
  return {
    toX: (longitude) => tenth(width / 2 + (longitude - camera.x) * perX * camera.scale),
    toY: (latitude) => tenth(height / 2 - (latitude - camera.y) * perY * camera.scale),
  }
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}

/** An outline as the path of an SVG. */
export function pathOf(ring: readonly Position[], plane: Plane): string {
  const corners = ring.slice(0, -1).map(([x, y]) => `${plane.toX(units(x))} ${plane.toY(units(y))}`)
  return `M${corners.join('L')}Z`
}

export interface Mark {
  x: number
  y: number
  ids: string[]
  extent: Extent
}

/** What can be seen as an outline, and marks for what is too small; marks that would touch are one. */
export function drawn(outlines: readonly Outline[], plane: Plane): { outlines: string[]; marks: Mark[] } {
  const large: string[] = []
  const marks: Mark[] = []
  for (const { id, ring } of outlines) {
    const extent = extentOf([{ ring }])
    if (extent === undefined) continue
    const [left, right] = [plane.toX(extent.west), plane.toX(extent.east)]
    const [top, bottom] = [plane.toY(extent.north), plane.toY(extent.south)]
    if (Math.max(right - left, bottom - top) >= SEEN) {
      large.push(id)
      continue
    }
    const [x, y] = [tenth((left + right) / 2), tenth((top + bottom) / 2)]
    const near = marks.find((mark) => Math.hypot(mark.x - x, mark.y - y) < APART)
    if (near === undefined) {
      marks.push({ x, y, ids: [id], extent })
    } else {
      near.ids.push(id)
      near.extent = around(near.extent, extent)
    }
  }
  return { outlines: large, marks }
}

function around(a: Extent, b: Extent): Extent {
  return {
    west: Math.min(a.west, b.west),
    south: Math.min(a.south, b.south),
    east: Math.max(a.east, b.east),
    north: Math.max(a.north, b.north),
  }
}

export interface GridLine {
  at: number
  text: string
}

/** Lines of longitude and latitude at round degrees, with their texts. */
export function grid(camera: Camera, size: Size): { meridians: GridLine[]; parallels: GridLine[] } {
  const [perX, perY] = metresPerUnit(camera.y)
  const plane = planeOf(camera, size)
  const half = { x: size.width / 2 / camera.scale / perX, y: size.height / 2 / camera.scale / perY }
  const lines = (middle: number, reach: number, perUnit: number, to: (at: number) => number, sign: string) => {
    const step = roundStep(LINES_APART / camera.scale / perUnit)
    const first = Math.ceil((middle - reach) / step)
    const last = Math.floor((middle + reach) / step)
    const places = Math.max(0, PLACES - Math.floor(Math.log10(step)))
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const at = (first + i) * step
      return { at: to(at), text: `${degreesText(at, places)}°${sign}` }
    })
  }
  return {
    meridians: lines(camera.x, half.x, perX, plane.toX, 'E'),
    parallels: lines(camera.y, half.y, perY, plane.toY, 'N'),
  }
}

/** The least of 1, 2, 5, 10, 20 … that is no less. */
export function roundStep(least: number): number {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(least, 1))))
  const found = [1, 2, 5, 10].map((n) => n * power).find((step) => step >= least)
  return found ?? power * 10
}

export interface ScaleBar {
  width: number
  text: string
}

/** A bar of round metres, no longer than so many pixels. */
export function scaleBar(camera: Camera, most = 120): ScaleBar {
  const reach = most / camera.scale
  const power = 10 ** Math.floor(Math.log10(reach))
  const metres = [5, 2, 1].map((n) => n * power).find((one) => one <= reach) ?? power
  const text = metres >= 1000 ? `${metres / 1000} km` : `${Number(metres.toPrecision(1))} m`
  return { width: tenth(metres * camera.scale), text }
}

/** The middle of an outline, in degrees with five places. */
export function middleOf(ring: readonly Position[]): Position {
  const extent = extentOf([{ ring }])
  if (extent === undefined) return ['', '']
  return [degreesText((extent.west + extent.east) / 2, 5), degreesText((extent.south + extent.north) / 2, 5)]
}

/** Where an outline's number stands on the screen. */
export function heart(ring: readonly Position[], plane: Plane): { x: number; y: number } {
  const extent = extentOf([{ ring }])
  if (extent === undefined) return { x: 0, y: 0 }
  return { x: plane.toX((extent.west + extent.east) / 2), y: plane.toY((extent.south + extent.north) / 2) }
}

/** The area of an outline in m², as near as a plane can say; the server measures on the ellipsoid. */
export function roughArea(ring: readonly Position[]): string {
  const extent = extentOf([{ ring }])
  if (extent === undefined) return '0.00'
  const [perX, perY] = metresPerUnit((extent.south + extent.north) / 2)
  const flat = ring.map(([x, y]) => [(units(x) - extent.west) * perX, (units(y) - extent.south) * perY] as const)
  const doubled = flat.slice(1).reduce((sum, [x, y], i) => sum + (flat[i]?.[0] ?? 0) * y - x * (flat[i]?.[1] ?? 0), 0)
  return (Math.abs(doubled) / 2).toFixed(2)
}
