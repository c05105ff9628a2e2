/** Words that several pages of a household share. */

import type { Holder, PaymentClock, StepKey } from '@/market'

const stepsZh: Record<StepKey, string> = {
  cooling_off: '冷静期',
  village_review: '村民会议表决',
  notice: '公示',
  determination: '乡镇核定',
  county_approval: '县级批准',
  reclamation: '复垦和验收',
  issue: '核发复垦票',
  hand_in: '把票交到交易中心',
  listing: '等待挂牌',
  auction: '公开拍卖',
  payment: '买方付款',
  credited: '钱进您的账户',
}

const stepsEn: Record<StepKey, string> = {
  cooling_off: 'Cooling-off days',
  village_review: 'Vote of the village meeting',
  notice: 'Public notice',
  determination: 'Decision of the township',
  county_approval: 'Approval by the county',
  reclamation: 'Land reclaimed and accepted',
  issue: 'Ticket issued',
  hand_in: 'Ticket handed in',
  listing: 'Waits to be listed',
  auction: 'Public auction',
  payment: 'Buyer pays',
  credited: 'Money in your account',
}

const holdersZh: Record<Holder, string> = {
  villager: '您自己',
  collective: '村集体',
  township: '乡镇政府',
  county_approver: '县级审批部门',
  county_clerk: '县自然资源局',
  exchange: '交易中心',
  bidder: '买方',
  fund_centre: '基金管理中心',
}

const holdersEn: Record<Holder, string> = {
  villager: 'you',
  collective: 'the village collective',
  township: 'the township',
  county_approver: 'the county approver',
  county_clerk: 'the county land bureau',
  exchange: 'the exchange',
  bidder: 'the buyer',
  fund_centre: 'the fund centre',
}

type Ended = NonNullable<PaymentClock['ended']>

const endedZh: Record<Ended, string> = {
  revoked: '申请已撤回。',
  rejected: '申请没有通过。',
  transferred: '票已转到外省。',
}

const endedEn: Record<Ended, string> = {
  revoked: 'The application was taken back.',
  rejected: 'The application was rejected.',
  transferred: 'The ticket went to another province.',
}

export const zh = {
  steps: stepsZh,
  holders: holdersZh,
  ended: endedZh,
  settled: '钱已经到账。',
  stopped: '已停办',
  stoppedText: (holder: string) => `您说没有同意，正等${holder}听取。`,
  stoppedSince: (day: string) => `从 ${day} 起，谁都不能往下办。`,
  creditedOn: (day: string) => `${day}到账。`,
  took: (days: number) => `从成交到到账用了 ${days} 天。`,
  step: (n: number, of: number) => `第 ${n} 步，共 ${of} 步`,
  held: (days: number) => (days === 0 ? '今天开始' : `已经 ${days} 天`),
  left: (days: number) => (days > 0 ? `还剩 ${days} 天` : days === 0 ? '今天到期' : `已超期 ${-days} 天`),
  line: (step: string, holder: string, term: string) => `${step}，由${holder}办理${term ? `，${term}` : ''}。`,
  holder: '由谁办理',
  since: '从哪天起',
  due: '最晚哪天',
  noDue: '没有规定期限',
  back: '返回首页',
}

export const en: typeof zh = {
  steps: stepsEn,
  holders: holdersEn,
  ended: endedEn,
  settled: 'The money is in your account.',
  stopped: 'Everything stands still',
  stoppedText: (holder) => `You said that you did not agree. It waits for ${holder} to hear you.`,
  stoppedSince: (day) => `Since ${day} nobody may go on with it.`,
  creditedOn: (day) => `It came on ${day}.`,
  took: (days) => `From the hammer to your account: ${days} ${days === 1 ? 'day' : 'days'}.`,
  step: (n, of) => `Step ${n} of ${of}`,
  held: (days) => (days === 0 ? 'since today' : days === 1 ? 'for 1 day' : `for ${days} days`),
  left: (days) => (days > 0 ? `${days} ${days === 1 ? 'day' : 'days'} left` : days === 0 ? 'due today' : `${-days} days overdue`),
  line: (step, holder, term) => `${step}: held by ${holder}${term ? `, ${term}` : ''}.`,
  holder: 'Who holds it',
  since: 'Since',
  due: 'Due by',
  noDue: 'no fixed term',
  back: 'Back',
}
