/**
 * The instructions to bidders (竞买须知) of a lot: every rule that can cost a bidder money, with the
 * lot's own figures. Pure.
 */

import type { Out } from '@/api'
import { grouped } from '@/market'
import { minutes, type Terms } from './notice'

export interface Chapter {
  title: string
  items: string[]
}

type Lot = Out<'LotOut'>

export function instructions(language: 'zh' | 'en', lot: Lot, terms: Terms, time: (instant: string) => string): Chapter[] {
  return language === 'zh' ? chinese(lot, terms, time) : english(lot, terms, time)
}

function chinese(lot: Lot, terms: Terms, time: (instant: string) => string): Chapter[] {
  const { minutes: whole, seconds } = minutes(lot.extension_seconds)
  const span = `${whole} 分${seconds ? ` ${seconds} 秒` : '钟'}`
  return [
    {
      title: '一、标的与公告',
      items: [
        `标的编号 ${lot.id}，由公告所列全部复垦票组成，整体出让，不拆分。`,
        '条款以公告为准。公告哈希已写入公开日志，任何人都能核对。',
        '竞价开始前条款如有变更，另发公告并重新计算公告期；开始后不再变更。',
      ],
    },
    {
      title: '二、报名与保证金',
      items: [
        `报名时从可用资金中冻结保证金 ¥${grouped(lot.deposit_cny)}。`,
        '报名后领取号牌。截止前日志和报价记录只显示号牌，不显示名称。',
        '未竞得的，保证金在结果产生的同时退回可用资金，不需要申请。',
        '竞得的，保证金抵作价款。逾期不付款视为违约，保证金不退。',
        '报名后不能撤回。',
      ],
    },
    chineseBids(lot, terms, time, span),
    {
      title: '四、时间、暂停与故障',
      items: [
        '一切时间以服务器为准，页面同时标出误差。您设备上的时间不起作用。',
        '连接中断时页面会立即提示，并停止显示“您领先”。恢复后补齐漏掉的消息。',
        '交易中心可以暂停竞价并公布原因。恢复后截止时间按暂停时长顺延。',
        lot.mode === 'ascending' ? `恢复时剩余时间不少于 ${span}。` : '暂停期间不受理报价。',
        '没有收到答复的报价，可以查询结果，不会重复受理。',
      ],
    },
    {
      title: '五、成交、付款与证书',
      items: [
        `有效竞买人不足 ${terms.minBidders ?? 1} 人的，流拍。${terms.reserveCommitment ? '最高价低于保留价的，流拍。' : ''}`,
        `竞得人须在成交后 ${terms.paymentDays ?? 0} 天内付清价款，即日结算给农户和村集体。`,
        '付清后取得指标证书，按证书面积落地。',
        '成交后报价人名称与全部报价公开。',
      ],
    },
    {
      title: '六、回执与监督',
      items: [
        '每次报价、每次被拒绝都有签名回执。请保存，可以离线查验。',
        '串通、围标、借用他人资格的，取消资格并移交监督人员。',
        '对结果有异议的，凭回执向监督人员提出。',
      ],
    },
  ]
}

function english(lot: Lot, terms: Terms, time: (instant: string) => string): Chapter[] {
  const { minutes: whole, seconds } = minutes(lot.extension_seconds)
  const span = `${whole} min${seconds ? ` ${seconds} s` : ''}`
  return [
    {
      title: '1. The lot and its notice',
      items: [
        `Lot ${lot.id} is all the tickets that its notice names, sold together and never apart.`,
        'The notice binds. Its hash is in the public log, where anybody can check it.',
        'Before bidding opens a change needs a new notice and the whole notice period; afterwards nothing changes.',
      ],
    },
    {
      title: '2. Registration and deposit',
      items: [
        `Registration holds a deposit of ¥${grouped(lot.deposit_cny)} from your free cash.`,
        'You get a paddle. Until the close the log and the bids show the paddle and never the name.',
        'Who does not win has the deposit back with the result, unasked.',
        'The winner’s deposit is part of the price. A winner who does not pay in time loses it.',
        'A registration cannot be withdrawn.',
      ],
    },
    englishBids(lot, terms, time, span),
    {
      title: '4. Time, freezes, failures',
      items: [
        'The server’s time counts, and pages show by how much they may be wrong. The clock of your device does not matter.',
        'When the connection is lost the page says so at once and no longer says that you lead; later it catches up.',
        'The exchange may freeze bidding and publishes why. The close then moves by the time lost.',
        lot.mode === 'ascending' ? `At least ${span} are left when it is resumed.` : 'No bid is taken while it is frozen.',
        'Of a bid without an answer you can find out what became of it; it is never taken twice.',
      ],
    },
    {
      title: '5. Sale, payment, certificate',
      items: [
        `With fewer than ${terms.minBidders ?? 1} valid bidders nothing is sold${terms.reserveCommitment ? ', nor below the reserve price' : ''}.`,
        `The winner pays in full within ${terms.paymentDays ?? 0} days; households and villages are paid the same moment.`,
        'With the payment comes a certificate, which is used up by area.',
        'After the sale all bids and bidders are public.',
      ],
    },
    {
      title: '6. Receipts and supervision',
      items: [
        'Every bid and every refusal has a signed receipt. Keep it: it can be checked without a network.',
        'Who colludes or bids in another’s name is excluded and reported to the supervisor.',
        'Objections go to the supervisor, with the receipt.',
      ],
    },
  ]
}

function chineseBids(lot: Lot, terms: Terms, time: (instant: string) => string, span: string): Chapter {
  return lot.mode === 'ascending'
    ? {
        title: '三、增价竞价',
        items: [
          `${time(lot.opens_at)} 开始，${time(lot.closes_at)} 截止，延时的从其延时。`,
          `首次报价不低于起始价 ¥${grouped(lot.start_price_cny)}。以后每次至少加 ¥${grouped(lot.increment_cny ?? '0.00')}。`,
          `剩余时间不足 ${span}时有人报价，剩余时间重新从 ${span}计起，次数不限。`,
          '领先者不能自行加价。报价一经受理不能撤回或修改。',
          '报价以到达服务器的时刻为准。请不要等到最后一秒。',
          '可以委托系统自动报价：您设最高价，系统只按需要加价，最高价不向任何人显示。',
        ],
      }
    : {
        title: '三、密封报价',
        items: [
          `${time(lot.opens_at)} 开始，${time(lot.closes_at)} 截止。`,
          `报价不低于起始价 ¥${grouped(lot.start_price_cny)}，低于起始价的无效。`,
          '截止前可以多次报价，以最后一次为准，不能撤回。',
          lot.sealing === 'lqx-seal/1'
            ? `报价在您的浏览器里加密，须 ${terms.threshold ?? 0} 位保管人在截止后公布密钥才能打开。`
            : '截止前报价由系统保密，不向任何人显示。',
          `报价相同的，${terms.sealedTie === 'draw' ? '按公告中的种子抽签决定' : '先报者优先'}。`,
        ],
      }
}

function englishBids(lot: Lot, terms: Terms, time: (instant: string) => string, span: string): Chapter {
  return lot.mode === 'ascending'
    ? {
        title: '3. Ascending bids',
        items: [
          `Bidding opens on ${time(lot.opens_at)} and closes on ${time(lot.closes_at)}, or later where it is extended.`,
          `The first bid is at least ¥${grouped(lot.start_price_cny)}; each later one at least ¥${grouped(lot.increment_cny ?? '0.00')} more.`,
          `A bid with less than ${span} left starts the last ${span} anew, as often as it happens.`,
          'The leader cannot outbid itself. A bid that was taken cannot be withdrawn or changed.',
          'The time of a bid is its arrival at the server. Do not wait for the last second.',
          'You may leave a maximum: the system bids for you just what is needed and shows the maximum to nobody.',
        ],
      }
    : {
        title: '3. Sealed bids',
        items: [
          `Bids are taken from ${time(lot.opens_at)} until ${time(lot.closes_at)}.`,
          `A bid below the start price of ¥${grouped(lot.start_price_cny)} does not count.`,
          'You may bid again before the close; your last bid counts and cannot be withdrawn.',
          lot.sealing === 'lqx-seal/1'
            ? `Your browser encrypts the bid; ${terms.threshold ?? 0} custodians’ keys open it, which they publish after the close.`
            : 'Until the close the system shows bids to nobody.',
          `Of equal bids ${terms.sealedTie === 'draw' ? 'one is drawn by the seed in the notice' : 'the earlier wins'}.`,
        ],
      }
}
