/** The field's words in both languages, the same as in the glossary of the documentation. */

import type { Out } from '../api/types'
import { language } from './language'

export interface Words {
  zh: string
  en: string
}

/** The words in the language chosen now; reactive inside templates and `computed`. */
export function say(words: Words | undefined, otherwise = ''): string {
  return words?.[language.value] ?? otherwise
}

export const role: Record<Out<'Role'>, Words> = {
  villager: { zh: '农户', en: 'Villager' },
  collective: { zh: '村集体经济组织', en: 'Village collective' },
  township: { zh: '乡镇', en: 'Township' },
  county_clerk: { zh: '县级经办', en: 'County clerk' },
  county_approver: { zh: '县级审批', en: 'County approver' },
  city: { zh: '流入城市', en: 'Receiving city' },
  exchange: { zh: '农村产权交易中心', en: 'Exchange' },
  fund_centre: { zh: '复垦票基金管理中心', en: 'Fund centre' },
  bidder: { zh: '竞买人', en: 'Bidder' },
  bidder_viewer: { zh: '竞买人（只读）', en: 'Bidder, view only' },
  custodian: { zh: '密钥保管人', en: 'Key custodian' },
  province: { zh: '省级自然资源部门', en: 'Province' },
  operator: { zh: '服务窗口', en: 'Service window' },
  ministry: { zh: '自然资源部', en: 'Ministry' },
  supervisor: { zh: '监督人员', en: 'Supervisor' },
  system_admin: { zh: '系统管理员', en: 'System administrator' },
  security_admin: { zh: '安全管理员', en: 'Security administrator' },
  audit_admin: { zh: '审计管理员', en: 'Audit administrator' },
}

export type Tone = 'plain' | 'info' | 'good' | 'warn' | 'bad'

export interface State extends Words {
  tone: Tone
}

const application: Record<Out<'ApplicationState'>, State> = {
  applied: { zh: '已申请', en: 'Applied', tone: 'info' },
  revoked: { zh: '已撤回', en: 'Taken back', tone: 'plain' },
  rejected: { zh: '未通过', en: 'Rejected', tone: 'bad' },
  noticed: { zh: '公示中', en: 'Under notice', tone: 'info' },
  determined: { zh: '已核定', en: 'Determined', tone: 'info' },
  approved: { zh: '已批准', en: 'Approved', tone: 'good' },
  accepted: { zh: '已验收', en: 'Land accepted', tone: 'good' },
}

const ticket: Record<Out<'TicketState'>, State> = {
  issued: { zh: '已核发', en: 'Issued', tone: 'info' },
  handed_in: { zh: '已交票', en: 'Handed in', tone: 'info' },
  listed: { zh: '已挂牌', en: 'Listed', tone: 'info' },
  sold: { zh: '已成交', en: 'Sold', tone: 'warn' },
  settled: { zh: '已结算', en: 'Settled', tone: 'good' },
  locked: { zh: '外流锁定', en: 'Locked for transfer', tone: 'warn' },
  transferred: { zh: '已流出', en: 'Transferred', tone: 'plain' },
}

/** As lots are shown: what is stored as live is listed before its opening, and open after it. */
const lot: Record<string, State> = {
  listed: { zh: '待开拍', en: 'Opens soon', tone: 'info' },
  open: { zh: '竞价中', en: 'Bidding open', tone: 'good' },
  frozen: { zh: '已暂停', en: 'Frozen', tone: 'warn' },
  closed: { zh: '待开标', en: 'Waits to be opened', tone: 'warn' },
  sold: { zh: '成交待付款', en: 'Sold, payment due', tone: 'warn' },
  unsold: { zh: '流拍', en: 'Unsold', tone: 'plain' },
  paid: { zh: '已付款', en: 'Paid', tone: 'good' },
  defaulted: { zh: '违约', en: 'Defaulted', tone: 'bad' },
}

const transfer: Record<Out<'TransferState'>, State> = {
  requested: { zh: '已申请', en: 'Requested', tone: 'info' },
  accepted: { zh: '已接收', en: 'Accepted', tone: 'info' },
  approved: { zh: '已批准', en: 'Approved', tone: 'good' },
  rejected: { zh: '未通过', en: 'Rejected', tone: 'bad' },
}

/** Transfers between nodes, as each of their three nodes knows them. */
const crossing: Record<Exclude<Out<'CrossingOut'>['state'], 'none'>, State> = {
  locked: { zh: '已锁定，待决定', en: 'Locked, to be decided', tone: 'warn' },
  debited: { zh: '已转出', en: 'Has left', tone: 'good' },
  released: { zh: '未成，已解锁', en: 'Came to nothing, free again', tone: 'plain' },
  offered: { zh: '待接收省份答复', en: 'Waits for the receiver', tone: 'info' },
  accepted: { zh: '待自然资源部批准', en: 'Waits for the ministry', tone: 'info' },
  rejected: { zh: '接收省份不同意', en: 'Declined by the receiver', tone: 'bad' },
  committed: { zh: '已批准，待两省执行', en: 'Approved, to be booked', tone: 'warn' },
  aborted: { zh: '未成', en: 'Came to nothing', tone: 'plain' },
  credited: { zh: '已转入', en: 'Arrived', tone: 'good' },
  closed: { zh: '已了结', en: 'Closed', tone: 'plain' },
  done: { zh: '两省均已执行', en: 'Booked by both', tone: 'good' },
}

const redemption: Record<Out<'RedemptionState'>, State> = {
  open: { zh: '待审批', en: 'Waits for a decision', tone: 'warn' },
  approved: { zh: '已批准', en: 'Approved', tone: 'good' },
  refused: { zh: '未批准', en: 'Refused', tone: 'bad' },
  withdrawn: { zh: '已撤回', en: 'Taken back', tone: 'plain' },
}

const statement: Record<Out<'StatementState'>, State> = {
  open: { zh: '待签认', en: 'To be approved', tone: 'warn' },
  approved: { zh: '双方已签认', en: 'Approved by both', tone: 'good' },
}

const instruction: Record<Out<'InstructionState'>, State> = {
  instructed: { zh: '已下达', en: 'Instructed', tone: 'info' },
  partial: { zh: '部分到账', en: 'Came in part', tone: 'warn' },
  confirmed: { zh: '已到账', en: 'Confirmed', tone: 'good' },
}

const obligation: Record<Out<'MatterState'>, State> = {
  stated: { zh: '待双方陈述', en: 'Waits for both sides', tone: 'warn' },
  agreed: { zh: '双方所述一致', en: 'Stated alike', tone: 'good' },
  differs: { zh: '双方所述不符', en: 'Stated differently', tone: 'bad' },
}

const evidence: Record<Out<'Outcome'>, State> = {
  confirmed: { zh: '全额到账', en: 'Came in full', tone: 'good' },
  partial: { zh: '部分到账', en: 'Came in part', tone: 'good' },
  repeated: { zh: '重复，不计', en: 'Known already', tone: 'plain' },
  debit: { zh: '支出，不计', en: 'Money that left', tone: 'plain' },
  pending: { zh: '未入账，不计', en: 'Not booked yet', tone: 'plain' },
  'duplicate-reference': { zh: '流水号重复而内容不同', en: 'One reference, two contents', tone: 'bad' },
  reversal: { zh: '银行冲正', en: 'Taken back by the bank', tone: 'bad' },
  'wrong-currency': { zh: '币种不符', en: 'Another currency', tone: 'bad' },
  'unknown-instruction': { zh: '无对应指令', en: 'No such instruction', tone: 'bad' },
  'wrong-creditor': { zh: '收款方不符', en: 'Another payee', tone: 'bad' },
  'wrong-debtor': { zh: '付款账户不符', en: 'From another account', tone: 'bad' },
  'too-much': { zh: '超过应付余额', en: 'More than was left', tone: 'bad' },
}

/** The states of things, by kind; a state that is not here is shown as it is spelt. */
export const state = { application, ticket, lot, transfer, crossing, redemption, obligation, statement, instruction, evidence }
export type StateKind = keyof typeof state

const logFaults: Record<string, Words | undefined> = {
  'log-unreachable': { zh: '日志读不到', en: 'its log cannot be read' },
  'log-invalid': { zh: '日志签名或格式不对', en: 'its log’s signature or form is wrong' },
  'log-shrunk': { zh: '日志变短', en: 'its log became shorter' },
  'log-differs': { zh: '条目与签署的根不符', en: 'its entries do not give the signed root' },
  'answers-differ': { zh: '答复与自己的日志不符', en: 'it answered other than its own log' },
}

/** Why the log of another node is not read on; a fault that is not here is shown as it is spelt. */
export function logFault(code: string): string {
  const known = logFaults[code]
  return known ? say(known) : code
}

export const mode: Record<Out<'Mode'>, Words> = {
  ascending: { zh: '增价竞价', en: 'Ascending' },
  sealed: { zh: '密封报价', en: 'Sealed' },
}

export const zone: Record<Out<'Zone'>, Words> = {
  urbanised: { zh: '城市化地区', en: 'Urbanised zone' },
  farm_product: { zh: '农产品主产区', en: 'Farm-product zone' },
  ecological: { zh: '生态功能区', en: 'Ecological zone' },
}

export const landUse: Record<Out<'LandUse'>, Words> = {
  cropland: { zh: '耕地', en: 'Cropland' },
  forest: { zh: '林地', en: 'Forest' },
  grass: { zh: '草地', en: 'Grass' },
}
