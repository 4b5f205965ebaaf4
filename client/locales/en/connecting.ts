/** What is said about connecting: forms, permissions, and why it did not come about. */
export const connecting = {
  scopes: {
    ACCOUNT_TYPE: 'Whether it is a business account: {channel} gives messages of business accounts alone.',
    HANDLE: 'The account’s handle: it is not shown beside the name.',
    PROFILE: 'Name and picture of the account.',
    READ_SIGNS: 'Customers do not see that you have read their messages.',
    RECEIVING: 'Reading messages: nothing would arrive.',
    SENDING: 'Sending messages: nobody could answer.',
    text: 'Connect again and leave every box ticked to change that.',
    title: 'Not every permission was given',
  },
  connectForm: {
    again: 'Connect {inbox} again',
    choose: 'Choose at least one.',
    connect: 'Connect',
    connected: 'connected already',
    found: 'Found one account. | Found {count} accounts. Each becomes an inbox of its own.',
    look: 'Continue',
    otherFound: '{inbox} is not among what was found. Choose what to connect in its place.',
    text: 'Nothing is connected before you say so.',
    title: 'Connect {channel}',
    what: 'What to connect',
    wrong: '{field}: that is not complete, too long, or holds signs that do not belong there.',
  },
  connectFields: {
    API_TOKEN: 'API token',
    API_TOKEN_hint: 'Made in the settings of {channel}. It is kept encrypted and never shown again.',
  },
  connectNotes: {
    NO_WEBHOOKS: 'The plan of this {channel} workspace has no webhooks: messages may arrive a little later.',
    WEBHOOKS_NEED_PLAN:
      'Webhooks need a higher plan of {channel} than the token does. Without them messages may arrive a little later.',
  },
  pending: {
    cancel: 'Cancel',
    confirm: 'Connect {other} as a new inbox',
    gone: 'This has been decided, or took too long',
    goneText: 'Connect again, logged in to the account that you mean.',
    text: 'You connected {other}, but the inbox “{inbox}” belongs to {own}.',
    title: 'That is another account',
    why: 'One inbox stays with one account, so that two histories never mix. If you cancel, the permission is given back.',
  },
  reauth: {
    CONSENT_ENDED:
      'The permission that was given has run out. Connect again to renew it; messages still arrive meanwhile.',
    APP_CHANGED:
      'It was connected to another {channel} app than this installation has now. Connect again, or ask the operator whether that is a mistake.',
    DIALECT_CHANGED: 'This installation now talks to {channel} in another way. Connect again to go on.',
    REFRESH_REFUSED: '{channel} no longer accepts our access. Connect again; messages still arrive meanwhile.',
    REVOKED: 'Somebody withdrew the permission in {channel}. Connect again to go on.',
    SCOPE_MISSING: 'A permission is missing. Connect again and leave every box ticked.',
    TOKEN_ENDED: '{channel} does not accept the token any more. Connect again with a new one.',
    unknown: 'Sending does not work until it is connected again.',
  },
  connectError: {
    ACCOUNT_SUSPENDED: 'Your account is suspended. Ask the operator of this installation.',
    ALREADY_CONNECTED:
      'This account is connected already, here or in another Parley account. Disconnect it there first.',
    APP_CHANGED: 'This installation has changed its app for the channel meanwhile. Connect again.',
    APP_MISCONFIGURED:
      'The channel does not accept this installation’s app. Ask the operator to check its ID and secret.',
    CHANNEL_UNAVAILABLE: 'The channel did not answer. Wait a minute and connect again.',
    CODE_REJECTED: 'The channel did not accept the permission. Connect again.',
    DIALECT_CHANGED: 'This installation has changed how it talks to the channel meanwhile. Connect again.',
    FEATURE_DISABLED: 'This channel is switched off for your account. Ask the operator of this installation.',
    FORBIDDEN: 'Only administrators connect inboxes. Ask one of them.',
    INBOX_LIMIT:
      'Your account has as many inboxes as it may. Disconnect one, or ask the operator of this installation for more.',
    INTERNAL: 'Something went wrong on our side. Connect again.',
    NOT_A_BUSINESS: 'That is a personal account. Switch it to a business account in its settings, then connect again.',
    NOT_CONFIGURED: 'This installation has no credentials for it. Ask the operator to set them.',
    NOT_ELIGIBLE:
      'The channel does not give messages of this account to other programs: its country may not be eligible, or the app is not approved for it. Ask the operator of this installation.',
    NOT_PERMITTED: 'The plan or the rights of this token do not allow it. Look in the provider’s settings.',
    NOTHING_TO_CONNECT: 'There is nothing to connect: add the channel at the provider first, then try again.',
    NO_TIKTOK_CHANNEL: 'This workspace has no TikTok channel. Connect TikTok there first, then try again.',
    NOT_OFFERED: 'This is not there any more. Look again what can be connected.',
    OAUTH_DENIED: 'The permission was not given. Connect again and choose “Authorize”.',
    OAUTH_INVALID_SCOPE:
      'The channel refused the permissions that we asked for. The app of this installation lacks the approval for one of them: tell its operator.',
    OTHER_BROWSER: 'The connection was begun in another browser. Begin it here and finish it here.',
    OTHER_USER: 'The connection was begun by somebody else. Begin it again as yourself.',
    REQUEST_BLOCKED: 'The channel turned us away. Tell the operator of this installation.',
    SCOPE_MISSING: 'Not every permission was given. Connect again and leave every box ticked.',
    STATE_EXPIRED: 'That took longer than ten minutes. Connect again.',
    STATE_INVALID: 'The way back from the channel was not complete. Connect again.',
    STATE_USED: 'That link was used already. Look whether the inbox is connected, else connect again.',
    TOKEN_REFUSED: 'The token was not accepted. Copy it once more, as a whole.',
    back: 'Back to Parley',
    channel: 'The channel',
    title: 'Not connected',
  },
}
