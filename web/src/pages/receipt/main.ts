import '../../styles/tokens.css'
import '../../styles/base.css'
import '../../styles/print.css'

import { createApp } from 'vue'

import ReceiptPage from './ReceiptPage.vue'

createApp(ReceiptPage).mount('#app')
