import { describeChannel } from './contract.ts'
import { startRespondIoHarness } from './respondio-harness.ts'

describeChannel('respond.io', {
  start: startRespondIoHarness,
  connect: 'form',
  freshForS: null,
  precisionMs: 1,
  namesBusiness: true,
  echoes: true,
  quotes: 'received',
  receipts: 'lists',
  signals: false,
  unnamed: false,
  images: 'address',
  listedVia: 'api',
  namesPeople: true,
})
