/** A proposed matching of surpluses and gaps: what is drawn, and the sums beside it. */

import { hundredths, plus, toWire, type Wire } from './amounts'
import { FLOW_KINDS, type FlowKey } from './books'

export interface MatchedFlow {
  kind: string
  from_county: string
  to: string
  sent_m2: Wire
  received_m2: Wire
}

/** A link from the county of villages to a place; both undefined: all that is too small to draw. */
export interface MatchLink {
  from: string | undefined
  to: string | undefined
  value: Wire
}

/** What arrives, added up between counties and places, the largest first and the rest as one. */
export function matchLinks(flows: readonly MatchedFlow[], most = 24): MatchLink[] {
  const found = new Map<string, { from: string; to: string; value: bigint }>()
  for (const { from_county: from, to, received_m2: area } of flows) {
    const key = `${from}>${to}`
    found.set(key, { from, to, value: (found.get(key)?.value ?? 0n) + hundredths(area) })
  }
  const links = [...found].filter(([, { value }]) => value > 0n).sort(([a, one], [b, other]) => (one.value === other.value ? (a < b ? -1 : 1) : one.value > other.value ? -1 : 1))
  const drawn: MatchLink[] = links.slice(0, most).map(([, { from, to, value }]) => ({ from, to, value: toWire(value) }))
  const rest = links.slice(most).reduce((sum, [, { value }]) => sum + value, 0n)
  return rest > 0n ? [...drawn, { from: undefined, to: undefined, value: toWire(rest) }] : drawn
}

/** What is sent and what arrives by the four flows of the model, those without any included. */
export function matchKinds(flows: readonly MatchedFlow[]): { kind: FlowKey; sent: Wire; received: Wire }[] {
  return FLOW_KINDS.map((kind) => {
    const own = flows.filter((flow) => flow.kind === kind)
    return {
      kind,
      sent: plus('0.00', ...own.map((flow) => flow.sent_m2)),
      received: plus('0.00', ...own.map((flow) => flow.received_m2)),
    }
  })
}

export interface MatchedSupply {
  spare_m2: Wire
  left_m2: Wire
}

export interface MatchedDemand {
  wanted_m2: Wire
  open_m2: Wire
}

export interface MatchSums {
  spare: Wire
  left: Wire
  wanted: Wire
  open: Wire
}

/** All that could be sent and is wanted, and what of both stays; each in its own measure. */
export function matchSums(supplies: readonly MatchedSupply[], demands: readonly MatchedDemand[]): MatchSums {
  return {
    spare: plus('0.00', ...supplies.map((one) => one.spare_m2)),
    left: plus('0.00', ...supplies.map((one) => one.left_m2)),
    wanted: plus('0.00', ...demands.map((one) => one.wanted_m2)),
    open: plus('0.00', ...demands.map((one) => one.open_m2)),
  }
}

/** A whole percentage as it was typed; undefined for anything else. */
export function typedPercent(typed: string): number | undefined {
  const plain = typed.normalize('NFKC').trim().replace(/\s*%$/, '')
  return /^(?:100|[1-9]?[0-9])$/.test(plain) ? Number(plain) : undefined
}
