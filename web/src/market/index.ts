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
export { waterfall, type Bar, type Waterfall } from './waterfall'
