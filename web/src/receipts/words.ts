/** A receipt in plain words, in both languages. Pure: texts of a report, no page. */

import { isObject } from '../base/canonical'
import { capitals, grouped, isAmount } from '../money/yuan'
import type { Report, Step, Verdict } from './check'
import { recordOf, type Promised } from './promise'

export interface Words {
  zh: string
  en: string
}

export const VERDICTS: Record<Verdict, Words> = {
  proven: { zh: '回执成立，记录已在日志中', en: 'The receipt holds, and its record is in the log' },
  promised: {
    zh: '承诺有效，尚未证明已入日志',
    en: 'The promise holds; that it is in the log is not proven yet',
  },
  fails: { zh: '回执不成立', en: 'The receipt does not hold' },
  unknown: { zh: '还不能下结论：缺少公钥', en: 'No verdict yet: a public key is missing' },
}

export const STEPS: Record<Step['name'], Words> = {
  file: { zh: '文件的格式', en: 'Form of the file' },
  signature: { zh: '交易所对承诺的签名', en: 'The exchange’s signature under the promise' },
  receipt: { zh: '承诺的内容与所载记录相符', en: 'The promise fits the record it carries' },
  key: { zh: '签名的密钥属于这份日志', en: 'The key that signed belongs to this log' },
  checkpoint: { zh: '日志检查点的签名', en: 'The signature under the log’s checkpoint' },
  witnesses: { zh: '见证方的共同签署', en: 'The witnesses’ cosignatures' },
  inclusion: { zh: '记录确在检查点所载的日志中', en: 'The record is in the log of the checkpoint' },
}

/** What a failure means for the person who holds the file. */
export const FAILURES: Record<Step['name'], Words> = {
  file: {
    zh: '这不是一份完整的回执文件。请重新下载，或检查复制时是否漏了开头或结尾。',
    en: 'This is not a whole receipt. Download it again, or see whether its beginning or end was lost.',
  },
  signature: {
    zh: '签名对不上：文件被改动过，或者不是由这把密钥的持有者签发的。',
    en: 'The signature does not fit: the file was changed, or somebody else signed it.',
  },
  receipt: {
    zh: '承诺的内容自相矛盾：它所载的记录不是它承诺入日志的那一条，或写法不合规定。',
    en: 'The promise contradicts itself: its record is not the one it promises, or it is malformed.',
  },
  key: {
    zh: '签名的密钥不属于回执所说的那份日志。',
    en: 'The key that signed is not one of the log that the receipt names.',
  },
  checkpoint: {
    zh: '日志检查点的签名对不上，或检查点属于另一份日志。',
    en: 'The checkpoint’s signature does not fit, or it is of another log.',
  },
  witnesses: {
    zh: '见证方的签署不足或不成立。',
    en: 'The witnesses’ cosignatures do not suffice, or one does not hold.',
  },
  inclusion: {
    zh: '证明对不上：这条记录不在检查点所载的日志中。请保存本文件并向监管方反映。',
    en: 'The proof does not fit: the record is not in that log. Keep this file and tell the supervisor.',
  },
}

const OPERATIONS: Record<string, Words> = {
  'POST /v1/bids': { zh: '报价', en: 'a bid' },
  'POST /v1/bid-proposal-approvals': { zh: '双人报价的批准', en: 'the approval of a two-person bid' },
  'POST /v1/bid-limit-approvals': { zh: '单人报价限额的批准', en: 'the approval of a bid limit' },
  'POST /v1/sealed-bids': { zh: '密封报价', en: 'a sealed bid' },
  'POST /v1/registrations': { zh: '竞买报名', en: 'a registration for a lot' },
  'POST /v1/tickets': { zh: '核发复垦票', en: 'the issue of a ticket' },
  'POST /v1/payments': { zh: '支付价款', en: 'a payment' },
  'POST /v1/county-approvals': { zh: '县级审批', en: 'the county’s approval' },
}

const KINDS: Record<string, Words> = {
  'bid.placed': { zh: '报价已受理', en: 'the bid was accepted' },
  'bid.refused': { zh: '报价被拒绝', en: 'the bid was refused' },
  'maximum.set': { zh: '委托最高价已设定', en: 'the maximum was set' },
  'bid_limit.set': { zh: '单人报价限额已生效', en: 'the bid limit is in force' },
  commit: { zh: '密封报价已收到', en: 'the sealed bid was received' },
  'lot.registered': { zh: '报名已受理', en: 'the registration was accepted' },
}

export function operationWords({ operation }: Promised): Words {
  return OPERATIONS[operation] ?? { zh: operation, en: operation }
}

export function answerWords({ code, status }: Promised): Words {
  if (code === null) return { zh: '已受理', en: 'accepted' }
  return { zh: `已拒绝（${status} ${code}）`, en: `refused (${status} ${code})` }
}

/** What the record says that people look for first. */
export function recordWords(promised: Promised): { kind: Words; subject: string; price?: Words } {
  const record = recordOf(promised)
  const kind = typeof record.kind === 'string' ? record.kind : '–'
  const body = isObject(record.body) ? record.body : {}
  const price = body.price_cny
  return {
    kind: KINDS[kind] ?? { zh: kind, en: kind },
    subject: typeof record.subject === 'string' ? record.subject : '–',
    ...(isAmount(price)
      ? { price: { zh: `¥${grouped(price)}（${capitals(price)}）`, en: `¥${grouped(price)}` } }
      : {}),
  }
}

/** One sentence on where the record stands; the index counts from 0, as everywhere in the log. */
export function placeWords({ verdict, proof }: Report): Words | undefined {
  if (verdict === 'promised') {
    return {
      zh: '交易所已签字承诺把这条记录写入日志。请过几秒凭回执编号取回证明，再核验一次。',
      en: 'The exchange has signed that the record will be in the log. Fetch the proof in some seconds.',
    }
  }
  if (verdict !== 'proven' || proof === undefined) return undefined
  const { size } = proof.checkpoint
  return {
    zh: `它是日志的第 ${proof.index} 条（自 0 起），在日志签字确认的前 ${size} 条之内。`,
    en: `It is entry ${proof.index} (from 0) of the first ${size} that the log has signed for.`,
  }
}
