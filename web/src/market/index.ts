/**
 * The market's arithmetic for the browser, behind one door. Pure: no page, no network, no clock of
 * the device. Views take everything that is added, divided, compared or timed from here.
 */

export { capitals, fen, grouped, isAmount, typedAmount } from '../money/yuan'
export {
  compare,
  converted,
  floor,
  groupedSigned,
  halfUp,
  hundredths,
  isNegative,
  isWholeMu,
  isZero,
  least,
  minus,
  mu,
  negated,
  percent,
  perMu,
  perSquareMetre,
  plus,
  timesArea,
  toWire,
  typedArea,
  wan,
  type Wire,
} from './amounts'
export {
  countdown,
  dayOf,
  daysBetween,
  daysSince,
  estimate,
  plusDays,
  serverTime,
  type Countdown,
  type CountdownPhase,
  type Estimate,
  type Instant,
  type RoundTrip,
} from './clock'
export { evidenceFault, EVIDENCE_BYTES_MAX, fileSize, fitted, formatOf, replaceable, sentPercent, type EvidenceFault } from './evidence'
export {
  beginFeed,
  health,
  maySayLeading,
  missing,
  takeBeat,
  takeEvents,
  type Feed,
  type FeedHealth,
  type Numbered,
} from './feed'
export { limitChange, needsSecond, type LimitChange } from './firms'
export {
  exposure,
  judgeBid,
  ladder,
  meaning,
  permitted,
  premium,
  stepsAbove,
  type Bidding,
  type BidVerdict,
  type Exposure,
  type Rung,
  type Stake,
} from './ladder'
export {
  allInCash,
  buyAffordable,
  buyCommercial,
  buyPublic,
  monthlyCharge,
  monthsPaid,
  offsetMortgage,
  ownedArea,
  purchase,
  rentSchedule,
  yearsAndMonths,
  type Gap,
  type LoanVerdict,
  type PublicPurchase,
  type Purchase,
  type Rental,
  type RentLine,
} from './housing'
export { daysFromHammer, enteredSteps, type DossierEvent } from './entered'
export { paymentClock, type ClockStep, type Holder, type PaymentClock, type PaymentFacts, type StepKey } from './payment'
export { costFloor, largestRemainder, projected, type Projected, type TicketCosts } from './shares'
export { waterfall, type Bar, type Waterfall } from './waterfall'
export { inForce, type PolicyVersion } from './policies'
export { yearsBack } from './years'
export { isLate, KIND_OF_USE, redemptionSteps, type RedemptionFacts, type RedemptionKind, type RedemptionStep } from './redemptions'
export { uses, type AccountFacts, type Hindrance, type Use, type UseKey } from './uses'
export {
  bundleShares,
  bundleTotals,
  coversCosts,
  startFloor,
  sumByParty,
  type BundledTicket,
  type BundleTotals,
  type Split,
} from './bundle'
export {
  earliestOpening,
  fromBeijing,
  listingFaults,
  safeOpening,
  toBeijing,
  type ListingDraft,
  type ListingFault,
  type ListingRules,
} from './listing'
export { outstanding, payments, pooled, subsidy, type DueLot, type SoldLot } from './treasury'
export { desk, mayDo, tasksOf, votesNeeded, type Filed, type Matter, type Shelf, type Task, type TaskKey } from './work'
export { coefficientsOn, type Coefficient } from './coefficients'
export { partOf, sumPayouts, type PartySum, type Payout, type PayoutSums } from './payouts'
export { isSold, monthBefore, results, salesByMonth, salesOf, type ClosedLot, type MonthOfSales, type Sales } from './results'
export { afterwards, bookOf, correctable, corrected, cure, restatable, type Booked, type Differing, type Direction, type StatedDebt } from './corrections'
export {
  agreesWith,
  crossingActs,
  crossingId,
  crossingShelf,
  crossingSteps,
  ownNumber,
  sameRate,
  type CrossingAct,
  type CrossingPart,
  type CrossingShelf,
  type CrossingStep,
  type StatedRate,
} from './crossings'
export {
  coefficientOn,
  coefficientStanding,
  duePairs,
  netting,
  quote,
  transferRights,
  transferStep,
  type CoefficientStanding,
  type DatedCoefficient,
  type DuePosition,
  type Moving,
  type Netting,
  type Quote,
  type YieldPair,
} from './provinces'
export {
  conversionDifference,
  farmlandLaw,
  flowLinks,
  fourFlows,
  moneyLaw,
  quotaLaw,
  surplusAndGap,
  thousandths,
  type BookFigures,
  type FlowNode,
  type Law,
  type QuotaFlow,
} from './books'
export { matchKinds, matchLinks, matchSums, typedPercent, type MatchLink, type MatchSums } from './matching'
export { longest, median, secondsBetween, span, type Span } from './spans'
export { parameterChanges, versionBefore, type Change, type ParameterValue } from './changes'
export {
  degreesText,
  drawn,
  extentOf,
  fit,
  grid,
  heart,
  middleOf,
  panned,
  pathOf,
  planeOf,
  roughArea,
  scaleBar,
  zoomed,
  type Camera,
  type Extent,
  type Mark,
  type Outline,
  type Position,
} from './map'
export { readOutline, type OutlineFault } from './outline'
