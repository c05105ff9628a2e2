import '../../styles/tokens.css'
import '../../styles/base.css'
import '../../styles/print.css'

import { createApp } from 'vue'

import SealPage from './SealPage.vue'

createApp(SealPage).mount('#app')
