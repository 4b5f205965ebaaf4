/** Why a message failed, in words that an agent understands. The client translates by code; these are the English ones. */
export const FAILURES: Readonly<Record<string, string>> = {
  NOT_AT_PROVIDER: 'The provider that the inbox has gone over to does not know this customer yet.',
  WINDOW_CLOSED: 'The reply window closed before it could be sent.',
  QUOTA_USED: 'All replies of this window are used. The customer has to write first.',
  BLOCKED_BY_PROVIDER:
    'The provider did not allow this message. The customer may have blocked the business or limits messages.',
  SENDING_TOO_FAST: 'The provider asks this account to slow down, and the reply window closes before it may go on.',
  THREAD_GONE: 'The conversation no longer exists at the provider.',
  IMAGES_NOT_ALLOWED:
    'Pictures cannot be sent to this customer: the provider does not allow it between these countries.',
  FILE_GONE: 'The picture is no longer here.',
  UPLOAD_EXPIRED: 'The provider had forgotten the picture. Try again.',
  INVALID_MESSAGE: 'The provider did not accept the content of this message.',
  POST_REFUSED: "The provider did not take this post. Only the business's own posts can be shared.",
  NOT_PERMITTED: 'The connection is not permitted to send messages.',
  NOT_ELIGIBLE: 'The business account is not eligible for messaging.',
  REQUEST_BLOCKED: "The provider turned the call away before it looked at it. Tell the platform's operator.",
  APP_MISCONFIGURED: "The installation's app is set up wrongly. Tell the platform's operator.",
  CHANNEL_REAUTH: 'The inbox needs to be connected again.',
  CHANNEL_DISCONNECTED: 'The inbox was disconnected.',
  CHANNEL_DISABLED: 'This channel is switched off for the account.',
  ACCOUNT_SUSPENDED: 'The account is suspended.',
  CONTACT_NOT_READY: 'The provider was still setting this customer up.',
  PROVIDER_UNAVAILABLE: 'The provider was busy.',
  NO_CONNECTION: 'The provider could not be reached.',
  RATE_LIMITED: 'The provider was busy.',
  NOT_SENT_IN_TIME: 'It could not be sent in time.',
  DELIVERY_UNKNOWN: 'It may have arrived: the provider did not confirm it. Check before you send it again.',
}

export const failureText = (code: string): string => FAILURES[code] ?? 'The provider did not accept this message.'
