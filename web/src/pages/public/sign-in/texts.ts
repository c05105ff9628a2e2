/** The texts of signing in. */

export const zh = {
  title: '登录',
  lead: '农户、竞买人和工作人员由此进入。',
  login: '登录名',
  password: '密码',
  show: '显示密码',
  enter: '登录',
  entering: '正在登录……',
  needed: '请填写登录名和密码。',
  offline: '没有连上服务器，请检查网络后再试。',
  trouble: '登录遇到问题',
  forgot: '忘记密码？请到县级服务窗口，或联系本单位管理员。',
  already: '您已登录。',
  go: '进入我的页面',
  public: '不登录也能查看公告、竞价和结果。',
}

export const en: typeof zh = {
  title: 'Sign in',
  lead: 'For villagers, bidders and everybody who works here.',
  login: 'Name',
  password: 'Password',
  show: 'Show the password',
  enter: 'Sign in',
  entering: 'Signing in…',
  needed: 'Enter your name and password.',
  offline: 'The server cannot be reached. Check the network and try again.',
  trouble: 'Signing in did not work',
  forgot: 'Forgotten it? Ask at the service window, or your own administrator.',
  already: 'You are signed in.',
  go: 'To my pages',
  public: 'Notices, auctions and results need no sign-in.',
}
