/** The texts of the first page. */

export const zh = {
  title: '宅基地复垦票交易',
  lead: '农户自愿退出宅基地，土地复垦为耕地。所得复垦票公开竞价。价款进入农户的住房账户。',
  check: '自己核验',
  enter: '登录办理',
  receipt: '查验回执',
  receiptText: '交易所签给您的承诺，是否已写入公开日志。',
  seal: '封标',
  sealText: '在自己的设备上加密报价，截止前谁也看不到。',
  log: '公开日志',
  logText: '带签名的检查点，任何人都可以核对。',
  docs: '接口文档',
  docsText: '供程序使用的接口。',
}

export const en: typeof zh = {
  title: 'Homestead Reclamation Tickets',
  lead: 'A household gives up its homestead, the land becomes farmland again, and the ticket for it is sold in public. The price goes into the household’s housing account.',
  check: 'Check for yourself',
  enter: 'Sign in',
  receipt: 'Check a receipt',
  receiptText: 'What the exchange has signed for you, and whether it is in the public log.',
  seal: 'Seal a bid',
  sealText: 'Encrypted on your own device: nobody sees the price before the close.',
  log: 'The public log',
  logText: 'Its signed checkpoint, for anybody to verify.',
  docs: 'The API',
  docsText: 'For programs.',
}
