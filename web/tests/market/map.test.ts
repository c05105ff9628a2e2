/** Outlines on a screen: true in metres near the middle, whatever is moved or zoomed. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  degreesText,
  drawn,
  extentOf,
  fit,
  grid,
  middleOf,
  panned,
  pathOf,
  planeOf,
  readOutline,
  roughArea,
  scaleBar,
  zoomed,
  type Camera,
  type Position,
} from '@/market'
import { metresPerUnit, roundStep, units } from '@/market/map'

const SIZE = { width: 800, height: 500 }
const [WEST, SOUTH] = [1_112_150_000, 283_700_000]

function square(x: number, y: number, side = 1000): Position[] {
  const corners = [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ] as const
  return corners.map(([east, north]) => [degreesText(east), degreesText(north)] as const)
}

const inChina = fc.tuple(fc.integer({ min: 730_000_000, max: 1_350_000_000 }), fc.integer({ min: 180_000_000, max: 535_000_000 }))

describe('positions', () => {
  test('are the same units and text', () => {
    fc.assert(
      fc.property(inChina, ([x, y]) => {
        expect(units(degreesText(x))).toBe(x)
        expect(units(degreesText(y))).toBe(y)
      }),
    )
    expect(units('111.2100000')).toBe(1_112_100_000)
    expect(degreesText(1_112_100_000, 2)).toBe('111.21')
    expect(degreesText(1_112_100_000, 0)).toBe('111')
  })

  test('a degree has the metres of the ellipsoid', () => {
    expect(metresPerUnit(0)[0] * 1e7).toBeCloseTo(111_319.5, 0)
    expect(metresPerUnit(0)[1] * 1e7).toBeCloseTo(110_574.3, 0)
    expect(metresPerUnit(45 * 1e7)[1] * 1e7).toBeCloseTo(111_131.8, 0)
  })

  test('an outline has its area within a thousandth', () => {
    // 195.54 m² by the server, on the ellipsoid.
    const ring = [
      [WEST, SOUTH],
      [WEST + 1500, SOUTH],
      [WEST + 1500, SOUTH + 1200],
      [WEST, SOUTH + 1200],
      [WEST, SOUTH],
    ].map(([x, y]) => [degreesText(x ?? 0), degreesText(y ?? 0)] as const)
    expect(Number(roughArea(ring))).toBeCloseTo(195.54, 0)
  })
})

describe('the plane', () => {
  test('shows a whole extent inside the screen', () => {
    fc.assert(
      fc.property(inChina, fc.integer({ min: 1, max: 50_000_000 }), ([x, y], side) => {
        const ring = square(x, y, side)
        const extent = extentOf([{ ring }])
        if (!extent) throw new Error('an extent')
        const plane = planeOf(fit(extent, SIZE), SIZE)
        for (const [east, north] of ring) {
          expect(plane.toX(units(east))).toBeGreaterThanOrEqual(0)
          expect(plane.toX(units(east))).toBeLessThanOrEqual(SIZE.width)
          expect(plane.toY(units(north))).toBeGreaterThanOrEqual(0)
          expect(plane.toY(units(north))).toBeLessThanOrEqual(SIZE.height)
        }
        expect(plane.toX(extent.west)).toBeLessThan(plane.toX(extent.west + 2 * side) + 1)
        expect(plane.toY(extent.south)).toBeGreaterThanOrEqual(plane.toY(extent.north))
      }),
    )
  })

  test('moves by the pixels that are asked for, and zooms about its middle', () => {
    const camera: Camera = { x: WEST, y: SOUTH, scale: 2 }
    const moved = planeOf(panned(camera, 80, 40), SIZE)
    expect(moved.toX(WEST)).toBeCloseTo(400 - 80, 0)
    expect(moved.toY(SOUTH)).toBeCloseTo(250 + 40, 0)
    const near = planeOf(zoomed(camera, 1.6), SIZE)
    expect([near.toX(WEST), near.toY(SOUTH)]).toEqual([400, 250])
  })

  test('draws an outline as a closed path of its corners', () => {
    const camera: Camera = { x: WEST, y: SOUTH, scale: 1 }
    expect(pathOf(square(WEST, SOUTH, 10_000), planeOf(camera, SIZE))).toMatch(/^M400 250L[0-9. L]+Z$/)
  })
})

describe('what stands beside it', () => {
  test('the scale bar has round metres and fits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 48, noNaN: true }), (scale) => {
        const { width, text } = scaleBar({ x: WEST, y: SOUTH, scale })
        expect(width).toBeGreaterThan(120 / 2.6)
        expect(width).toBeLessThanOrEqual(120.1)
        expect(text).toMatch(/^0?[0-9.]+ k?m$/)
        const [figure, unit] = text.split(' ')
        expect(width).toBeCloseTo(Number(figure) * (unit === 'km' ? 1000 : 1) * scale, 0)
      }),
    )
  })

  test('grid lines lie at round degrees, few and apart', () => {
    const { meridians, parallels } = grid({ x: WEST, y: SOUTH, scale: 2 }, SIZE)
    expect(meridians.length).toBeGreaterThan(1)
    expect(parallels.length).toBeGreaterThan(1)
    expect(meridians.map(({ text }) => text)).toContain('111.2150°E')
    const places = meridians.map(({ at }) => at)
    places.slice(1).forEach((at, i) => expect(at - (places[i] ?? 0)).toBeGreaterThan(90))
  })

  test('steps are 1, 2, 5 and their tens, and no less than asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (least) => {
        const step = roundStep(least)
        expect(step).toBeGreaterThanOrEqual(least)
        expect(String(step)).toMatch(/^[125]0*$/)
      }),
    )
  })

  test('the middle is a position with five places', () => {
    expect(middleOf(square(WEST, SOUTH))).toEqual(['111.21505', '28.37005'])
  })
})

describe('what can be seen', () => {
  test('near parcels are outlines, far ones are marks, and marks that touch are one', () => {
    const near = [0, 1, 2].map((n) => ({ id: `n${n}`, ring: square(WEST + n * 2000, SOUTH) }))
    const far = [{ id: 'far', ring: square(1_150_000_000, 322_000_000) }]
    const close = extentOf(near)
    const all = extentOf([...near, ...far])
    if (!close || !all) throw new Error('extents')
    expect(drawn(near, planeOf(fit(close, SIZE), SIZE))).toEqual({ outlines: ['n0', 'n1', 'n2'], marks: [] })
    const { outlines, marks } = drawn([...near, ...far], planeOf(fit(all, SIZE), SIZE))
    expect(outlines).toEqual([])
    expect(marks.map(({ ids }) => ids)).toEqual([['n0', 'n1', 'n2'], ['far']])
    expect(marks[0]?.extent).toEqual(close)
  })

  test('nothing is lost between outlines and marks', () => {
    const places = fc.array(fc.tuple(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 1, max: 30_000 })), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(places, (given) => {
        const all = given.map(([at, side], i) => ({ id: String(i), ring: square(WEST + at, SOUTH + at, side) }))
        const extent = extentOf(all)
        if (!extent) throw new Error('an extent')
        const { outlines, marks } = drawn(all, planeOf(fit(extent, SIZE), SIZE))
        expect([...outlines, ...marks.flatMap(({ ids }) => ids)].sort()).toEqual(all.map(({ id }) => id).sort())
      }),
    )
  })
})

describe('an outline as people bring it', () => {
  const ring = square(WEST, SOUTH)
  const lines = ring.map((at) => at.join(', '))

  test('is read from lines, from GeoJSON and from what other programs write', () => {
    const numbers = ring.map((at) => at.map(Number))
    const polygon = { type: 'Polygon', coordinates: [numbers] }
    const sources = [
      lines.join('\n'),
      lines.slice(0, -1).join('\r\n'),
      ring.map((at) => at.join('\t')).join('\n'),
      JSON.stringify(polygon),
      JSON.stringify({ type: 'Feature', properties: {}, geometry: polygon }),
      JSON.stringify({ type: 'FeatureCollection', features: [{ type: 'Feature', geometry: polygon }] }),
      JSON.stringify({ type: 'MultiPolygon', coordinates: [[numbers]] }),
      JSON.stringify(ring),
    ]
    for (const source of sources) expect(readOutline(source)).toEqual({ ring })
  })

  test('says what is wrong with it', () => {
    expect(readOutline('111.2,28.3\nhello')).toEqual({ fault: 'unreadable' })
    expect(readOutline('{"type":"Point","coordinates":[1,2]}')).toEqual({ fault: 'unreadable' })
    expect(readOutline('{')).toEqual({ fault: 'unreadable' })
    expect(readOutline(JSON.stringify({ type: 'Polygon', coordinates: [[], []] }))).toEqual({ fault: 'holes' })
    expect(readOutline('111.2,28.3\n111.3,28.4')).toEqual({ fault: 'few' })
    expect(readOutline('111.21000001,28.3\n111.3,28.4\n111.4,28.5')).toEqual({ fault: 'places' })
    expect(readOutline(Array.from({ length: 201 }, (_, i) => `111.${i},28.3`).join('\n'))).toEqual({ fault: 'many' })
  })
})
