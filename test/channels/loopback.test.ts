import { describeChannel } from './contract.ts'
import { startLoopbackHarness } from './loopback-harness.ts'

describeChannel('loop-back', {
  start: startLoopbackHarness,
  connect: 'form',
  freshForS: null,
  precisionMs: 1,
  namesBusiness: true,
  echoes: true,
  quotes: false,
  receipts: 'deliveries',
  signals: false,
  unnamed: false,
  images: false,
  listedVia: 'api',
  namesPeople: false,
})
