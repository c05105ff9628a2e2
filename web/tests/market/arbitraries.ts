/** Small numbers, so that edges collide, and now and then large ones. */

import fc from 'fast-check'

import { toWire } from '../../src/market'

const small = fc.bigInt({ min: 0n, max: 40n })
const large = fc.bigInt({ min: 0n, max: 10n ** 15n })

export const amount = fc.oneof(small, small, large).map(toWire)
export const positive = fc.oneof(fc.bigInt({ min: 1n, max: 40n }), fc.bigInt({ min: 1n, max: 10n ** 15n })).map(toWire)
export const signed = fc.bigInt({ min: -60n, max: 60n }).map(toWire)
