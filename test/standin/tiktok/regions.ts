/** EEA, Switzerland and the United Kingdom: people there give `im_receive_msg_eu` only (§6.4, §12). */
const EU_RULES = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO CH GB'.split(' '),
)

/** Whether what a person writes comes without writer and text, as the knob has it. */
export const underEuRules = ({ eu }: { eu: 'by_region' | 'everyone' | 'nobody' }, region: string): boolean =>
  eu === 'everyone' || (eu === 'by_region' && EU_RULES.has(region))

/** Where a vendor lists sending images as unavailable (§4.4). */
const NO_IMAGES = new Set('AU CO IN IR JP NG KP PH RU KR TR UA US'.split(' '))

export const imagesAllowed = (...regions: string[]): boolean =>
  regions.every((region) => !NO_IMAGES.has(region) && !EU_RULES.has(region))
