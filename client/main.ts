import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, openLocale } from './locales/i18n.ts'
import { router } from './router.ts'
import './ui/fonts.css'
import './ui/tokens.css'
import './ui/base.css'
import { vTip } from './ui/tip.ts'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
app.use(router)
app.directive('tip', vTip)
await openLocale()
app.mount('#app')
