import { WRONG_APP, type Channel, type InboundEvent } from '../../channels/contract.ts'

/** What came in another app's name waits among the dead letters for an operator's word, which a replay is. */
export const readEvent = (
  { webhook }: Channel,
  { raw, code }: { readonly raw: Buffer; readonly code: string | null },
): InboundEvent[] => (code === WRONG_APP ? [] : (webhook?.parse(raw) ?? []))
