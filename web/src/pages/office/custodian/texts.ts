/** The texts of custodians. */

export const zh = {
  title: '我保管的标的',
  lead: '列出由本机构参与保管密钥的密封标的。',
  none: '还没有由本机构保管密钥的标的。',
  lot: '标的',
  state: '状态',
  threshold: '开标所需',
  of: (threshold: number, all: number) => `${threshold} / ${all}`,
  closes: '截止',
  due: '最迟开标',
  task: '现在该做什么',
  tasks: { open: '等待截止，其间应答抽查', closed: '请公布密钥', over: '已结束' },
  how: '密钥只留在本机构，不进入浏览器',
  howText: '请在保管密钥的电脑上运行：',
}

export const en: typeof zh = {
  title: 'Lots in my keeping',
  lead: 'Sealed lots whose keys your institution helps to keep.',
  none: 'There is no lot whose key your institution keeps.',
  lot: 'Lot',
  state: 'State',
  threshold: 'Needed to open',
  of: (threshold: number, all: number) => `${threshold} of ${all}`,
  closes: 'Closes',
  due: 'Opened by',
  task: 'To do now',
  tasks: { open: 'Wait for the close; answer probes', closed: 'Publish your key', over: 'Over' },
  how: 'Keys stay with you and never enter a browser',
  howText: 'Run on the machine that holds the key:',
}
