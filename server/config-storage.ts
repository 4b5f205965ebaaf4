import type { z } from 'zod'
import { booleanText, httpUrl, text } from './kit/env.ts'

/** Where files go instead of DATA_DIR/files. */
export interface S3Config {
  endpoint?: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** The bucket stands in the path and not in the host's name. */
  forcePathStyle: boolean
}

export const storageShape = {
  S3_ENDPOINT: httpUrl.optional(),
  S3_REGION: text.default('us-east-1'),
  S3_BUCKET: text
    .refine((value) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value), 'is not the name of a bucket')
    .optional(),
  S3_ACCESS_KEY_ID: text.optional(),
  S3_SECRET_ACCESS_KEY: text.optional(),
  S3_FORCE_PATH_STYLE: booleanText.optional(),
}

type StorageEnvironment = z.output<z.ZodObject<typeof storageShape>>

const required = ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const

/** What is needed beside what is given. */
export function missingStorageNames(given: Record<string, string>): [(typeof required)[number], string][] {
  if (!given.S3_ENDPOINT && !required.some((name) => given[name])) return []
  return required.flatMap((name) => (given[name] ? [] : [[name, 'is required when other S3_* values are set']]))
}

/** Undefined: files lie in DATA_DIR/files. Services of others than Amazon have the bucket in the path unless told otherwise. */
export function storageOf(env: StorageEnvironment): S3Config | undefined {
  if (!env.S3_BUCKET || !env.S3_ACCESS_KEY_ID || !env.S3_SECRET_ACCESS_KEY) return undefined
  return {
    ...(env.S3_ENDPOINT && { endpoint: env.S3_ENDPOINT }),
    region: env.S3_REGION,
    bucket: env.S3_BUCKET,
    accessKeyId: env.S3_ACCESS_KEY_ID,
    secretAccessKey: env.S3_SECRET_ACCESS_KEY,
    forcePathStyle: env.S3_FORCE_PATH_STYLE ?? env.S3_ENDPOINT !== undefined,
  }
}
