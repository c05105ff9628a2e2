/** An outline as people bring it: pasted lines of coordinates, or a GeoJSON file. */

import type { Position } from './map'

export type OutlineFault = 'unreadable' | 'holes' | 'few' | 'many' | 'places'

export type ReadOutline = { ring: Position[]; fault?: undefined } | { ring?: undefined; fault: OutlineFault }

const CORNERS_MAX = 200
const LINE = /^\s*([0-9]{1,3}(?:\.[0-9]*)?)\s*[°]?\s*[,，;；\s]\s*([0-9]{1,3}(?:\.[0-9]*)?)\s*[°]?\s*$/
const WIRE = /^(0|[1-9][0-9]{0,2})\.[0-9]{7}$/

/**
 * A closed ring of what was pasted or chosen: one `longitude, latitude` per line, or GeoJSON. A ring
 * that does not return to its first position is closed.
 */
export function readOutline(text: string): ReadOutline {
  const trimmed = text.trim()
  return trimmed.startsWith('{') || trimmed.startsWith('[') ? ofJson(trimmed) : ofLines(trimmed)
}

function ofLines(text: string): ReadOutline {
  const found = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => LINE.exec(line))
  if (found.some((match) => match === null)) return { fault: 'unreadable' }
  return closed(found.map((match) => [match?.[1] ?? '', match?.[2] ?? '']))
}

function ofJson(text: string): ReadOutline {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch {
    return { fault: 'unreadable' }
  }
  const rings = ringsOf(document)
  if (rings === undefined || rings.length === 0) return { fault: 'unreadable' }
  if (rings.length > 1) return { fault: 'holes' }
  const [ring] = rings
  if (!Array.isArray(ring)) return { fault: 'unreadable' }
  const positions = ring.map((position: unknown) => (Array.isArray(position) ? [decimal(position[0]), decimal(position[1])] : ['', '']))
  return closed(positions as [string, string][])
}

/** The rings of the first polygon in a GeoJSON document; a bare list is a ring. */
function ringsOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return [value]
  if (typeof value !== 'object' || value === null) return undefined
  const { type, coordinates, geometry, features } = value as Record<string, unknown>
  if (type === 'Polygon' && Array.isArray(coordinates)) return coordinates
  if (type === 'MultiPolygon' && Array.isArray(coordinates)) {
    const polygons = coordinates as unknown[]
    return polygons.length === 1 && Array.isArray(polygons[0]) ? polygons[0] : polygons.flat()
  }
  if (type === 'Feature') return ringsOf(geometry)
  if (type === 'FeatureCollection' && Array.isArray(features)) return ringsOf((features as unknown[])[0])
  return undefined
}

/** A number of a JSON file; more than seven places of it are no survey's, but a converter's. */
function decimal(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' && value >= 0 ? value.toFixed(7) : ''
}

function closed(pairs: readonly (readonly [string, string])[]): ReadOutline {
  const ring: Position[] = pairs.map(([x, y]) => [padded(x), padded(y)])
  const flat = ring.flat()
  if (flat.some((text) => text === '')) return { fault: 'unreadable' }
  if (flat.some((text) => !WIRE.test(text))) return { fault: 'places' }
  const [first, last] = [ring[0], ring.at(-1)]
  if (first && last && ring.length > 1 && (first[0] !== last[0] || first[1] !== last[1])) ring.push(first)
  if (ring.length < 4) return { fault: 'few' }
  return ring.length > CORNERS_MAX + 1 ? { fault: 'many' } : { ring }
}

function padded(text: string): string {
  const match = /^0*([0-9]+)(?:\.([0-9]*))?$/.exec(text)
  return match ? `${match[1] ?? ''}.${(match[2] ?? '').padEnd(7, '0')}` : ''
}
