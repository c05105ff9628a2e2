/**
 * The books at a glance: what came in is what stands and what went out. The sums are taken here
 * anew from the figures of the node; where the two sides differ, the difference is shown.
 */

import { hundredths, least, minus, plus, toWire, type Wire } from './amounts'

export interface LawLine {
  key: string
  value: Wire
}

/** Two sides of one law; `difference` is zero where it holds. */
export interface Law {
  into: LawLine[]
  out: LawLine[]
  total: Wire
  difference: Wire
}

export interface QuotaFigures {
  issued_m2: Wire
  arrived_m2: Wire
  waiting_m2: Wire
  at_auction_m2: Wire
  in_transfer_m2: Wire
  certificates_m2: Wire
  landed_m2: Wire
  left_m2: Wire
}

export interface FarmlandFigures {
  opening_m2: Wire
  made_m2: Wire
  taken_m2: Wire
  cropland_m2: Wire
  ecological_m2: Wire
}

export interface MoneyFigures {
  paid_in_cny: Wire
  arrived_cny: Wire
  paid_out_cny: Wire
  left_cny: Wire
  held: { kind: string; balance_cny: Wire }[]
}

export interface BookFigures {
  province: string
  quota: QuotaFigures
  farmland: FarmlandFigures
  money: MoneyFigures
}

const QUOTA_OUT = ['waiting_m2', 'at_auction_m2', 'in_transfer_m2', 'certificates_m2', 'landed_m2', 'left_m2'] as const

/** Issued + arrived = held + in flight + used + left, over all the books given. */
export function quotaLaw(books: readonly BookFigures[]): Law {
  const sum = (key: keyof QuotaFigures) => ({ key, value: plus('0.00', ...books.map(({ quota }) => quota[key])) })
  return law([sum('issued_m2'), sum('arrived_m2')], QUOTA_OUT.map(sum))
}

/** Opening + made = taken + cropland + ecological. */
export function farmlandLaw(books: readonly BookFigures[]): Law {
  const sum = (key: keyof FarmlandFigures) => ({ key, value: plus('0.00', ...books.map(({ farmland }) => farmland[key])) })
  return law([sum('opening_m2'), sum('made_m2')], [sum('cropland_m2'), sum('ecological_m2'), sum('taken_m2')])
}

/** Paid in + arrived = paid out + left + held; what went from one of the books to another is neither. */
export function moneyLaw(books: readonly BookFigures[]): Law {
  const sum = (key: Exclude<keyof MoneyFigures, 'held'>) => ({ key, value: plus('0.00', ...books.map(({ money }) => money[key])) })
  const held = new Map<string, Wire>()
  for (const { kind, balance_cny: value } of books.flatMap(({ money }) => money.held)) {
    held.set(kind, plus(held.get(kind) ?? '0.00', value))
  }
  const kinds = [...held].map(([key, value]) => ({ key, value }))
  const [arrived, left] = [sum('arrived_cny'), sum('left_cny')]
  const within = books.length > 1 ? least(arrived.value, left.value) : '0.00'
  const beyond = ({ key, value }: LawLine) => ({ key, value: minus(value, within) })
  return law([sum('paid_in_cny'), beyond(arrived)], [...kinds, sum('paid_out_cny'), beyond(left)])
}

function law(into: LawLine[], out: LawLine[]): Law {
  const total = plus('0.00', ...into.map(({ value }) => value))
  return { into, out, total, difference: minus(total, plus('0.00', ...out.map(({ value }) => value))) }
}

/** What the conversions between the provinces given took away or added: left less arrived. */
export function conversionDifference(books: readonly BookFigures[]): Wire {
  return minus(plus('0.00', ...books.map(({ quota }) => quota.left_m2)), plus('0.00', ...books.map(({ quota }) => quota.arrived_m2)))
}

/** A part of a whole in thousandths, for the width of a bar; 0 where it is nothing or negative. */
export function thousandths(part: Wire, whole: Wire): number {
  const [of, all] = [hundredths(part), hundredths(whole)]
  return of <= 0n || all <= 0n ? 0 : Number((of * 1000n) / all)
}

export interface QuotaFlow {
  stage: string
  from: string
  to: string
  kind: string | null
  left_m2: Wire
  arrived_m2: Wire
}

export type FlowNode =
  | { layer: 'county' | 'issued' | 'available' | 'landed'; region: string }
  | { layer: 'waiting'; region: string }

export interface FlowLink {
  from: FlowNode
  to: FlowNode
  value: Wire
}

/**
 * The flows as links from left to right: county of the villages, province that issued, province
 * where the quota is now, county where it was landed, or what waits there.
 */
export function flowLinks(flows: readonly QuotaFlow[]): FlowLink[] {
  const issued = sums(flows, 'issued', ({ to }) => to)
  const left = sums(flows, 'converted', ({ from }) => from, 'left_m2')
  const stays = new Map([...issued].map(([province, area]) => [province, area - (left.get(province) ?? 0n)]))
  const available = new Map(stays)
  for (const { stage, to, arrived_m2: area } of flows) {
    if (stage === 'converted') available.set(to, (available.get(to) ?? 0n) + hundredths(area))
  }
  const landed = sums(flows, 'landed', ({ to }) => to)
  const provinceOf = (region: string) => `${region.slice(0, 2)}0000`
  const used = new Map<string, bigint>()
  for (const [county, area] of landed) used.set(provinceOf(county), (used.get(provinceOf(county)) ?? 0n) + area)
  return [
    ...flows.filter(({ stage }) => stage === 'issued').map(({ from, to, left_m2: area }) => link('county', from, 'issued', to, hundredths(area))),
    ...[...stays].map(([province, area]) => link('issued', province, 'available', province, area)),
    ...flows.filter(({ stage }) => stage === 'converted').map(({ from, to, arrived_m2: area }) => link('issued', from, 'available', to, hundredths(area))),
    ...[...landed].map(([county, area]) => link('available', provinceOf(county), 'landed', county, area)),
    ...[...available].map(([province, area]) => link('available', province, 'waiting', province, area - (used.get(province) ?? 0n))),
  ].filter(({ value }) => hundredths(value) > 0n)
}

function sums(flows: readonly QuotaFlow[], stage: string, by: (flow: QuotaFlow) => string, of: 'left_m2' | 'arrived_m2' = 'arrived_m2'): Map<string, bigint> {
  const found = new Map<string, bigint>()
  for (const flow of flows) {
    if (flow.stage === stage) found.set(by(flow), (found.get(by(flow)) ?? 0n) + hundredths(flow[of]))
  }
  return found
}

function link(left: FlowNode['layer'], from: string, right: FlowNode['layer'], to: string, value: bigint): FlowLink {
  return { from: { layer: left, region: from }, to: { layer: right, region: to }, value: toWire(value) }
}

export const FLOW_KINDS = ['own_village', 'other_village', 'other_city', 'own_city'] as const
export type FlowKey = (typeof FLOW_KINDS)[number]

/** Landed quota by the four flows of the model, those without any included. */
export function fourFlows(flows: readonly QuotaFlow[]): { kind: FlowKey; value: Wire }[] {
  const found = sums(flows, 'landed', ({ kind }) => kind ?? '')
  return FLOW_KINDS.map((kind) => ({ kind, value: toWire(found.get(kind) ?? 0n) }))
}

export interface Supplies {
  surplus_m2: Wire
}

export interface Demands {
  gap_m2: Wire
}

/** All surpluses against all gaps: what waits, what is wanted, and which is the smaller (R192). */
export function surplusAndGap(villages: readonly Supplies[], cities: readonly Demands[]): { surplus: Wire; gap: Wire; ahead: Wire } {
  const gaps = cities.map((city) => hundredths(city.gap_m2))
  return {
    surplus: plus('0.00', ...villages.map((village) => village.surplus_m2)),
    gap: toWire(gaps.reduce((sum, one) => (one > 0n ? sum + one : sum), 0n)),
    ahead: toWire(gaps.reduce((sum, one) => (one < 0n ? sum - one : sum), 0n)),
  }
}
