import { ApiError } from '../../api/graphql.ts'
import { ExplainedError } from '../../kit/error-text.ts'

/** Gives errors that mean something particular here their own sentence, by code or by code and field. */
export function explained<Result>(work: Promise<Result>, sentences: Record<string, string>): Promise<Result> {
  return work.catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error
    const sentence = sentences[`${error.code} ${String(error.details['field'])}`] ?? sentences[error.code]
    throw sentence ? new ExplainedError(sentence) : error
  })
}
