/** Texts that are known from production stand in the TikTok wire reference §11 and §16; the rest is plain wording. */
export const ERROR_TEXT: Record<number, string> = {
  40001: 'No permission to perform this operation.',
  40002: 'Invalid parameter.',
  40007: 'The object does not exist.',
  40064: 'The message is blocked by direct message rules.',
  40100: 'Too many requests. Please retry in some time.',
  40101: 'The app_id and the secret do not match.',
  40102: 'Access token is expired.',
  40103: 'Refresh token is expired.',
  40104: 'Access token is null, you should set it in http header with key Access-Token.',
  40105: 'Access token is incorrect or has been revoked.',
  40107: 'Refresh token is invalid.',
  40108: 'The grant_type is invalid.',
  40110: 'The auth_code is canceled. Please re-authorize and try again with a new auth_code.',
  40907: 'The file is too large.',
  40908: 'The file type is not supported.',
  40910: 'The file is expired.',
  50000: 'System error.',
  51065: 'System error. Please try again later.',
  60001: 'The service is under maintenance.',
}

export const TOO_FAST = 'You are sending messages too fast. Take a rest.'
export const PRIVACY = "Cannot send messages due to this user's privacy settings"
export const INVALID_CONVERSATION_ID = 'Param conversation_id is invalid.'

/** A verdict other than 0: still HTTP 200 on the wire. */
export class ApiError extends Error {
  readonly code: number

  constructor(code: number, message?: string) {
    super(message ?? ERROR_TEXT[code] ?? 'Error.')
    this.code = code
  }
}

export const invalidParam = (message: string): ApiError => new ApiError(40002, message)
