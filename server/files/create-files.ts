import path from 'node:path'
import type { Config } from '../config.ts'
import { createDiskFiles } from './disk-files.ts'
import type { Files } from './files.ts'
import { createS3Files } from './s3-files.ts'

/** S3 when it is configured, else the disk under DATA_DIR/files. */
export function createFiles(config: Pick<Config, 's3' | 'dataDir'>): Files {
  return config.s3 ? createS3Files(config.s3) : createDiskFiles(path.join(config.dataDir, 'files'))
}
