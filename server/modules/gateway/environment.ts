import { parseEnv } from 'node:util'

/** One variable of a gateway's environment. */
interface Variable {
  value: string
  /** Undefined: it does not come from a file. */
  line?: number
}

export type Environment = Map<string, Variable>

/** Why a line or a variable is of no use. */
export type ComplaintCode =
  'NOT_A_VARIABLE' | 'REPEATED' | 'NOT_USED' | 'MISSING' | 'UNKNOWN_PROVIDER' | 'OTHER_ADDRESS' | 'OTHER_APP'

export interface Complaint {
  code: ComplaintCode
  line?: number | undefined
  name?: string | undefined
}

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_]\w*)\s*=/

/** Reads a `.env` file, quotes and comments as Node has them, one variable a line. What is said twice counts as it is said last. */
export function parseEnvironment(text: string): { environment: Environment; complaints: Complaint[] } {
  const environment: Environment = new Map()
  const complaints: Complaint[] = []
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    const [line, trimmed] = [index + 1, row.replace(/^\uFEFF/, '').trim()]
    if (!trimmed || trimmed.startsWith('#')) continue
    const name = ASSIGNMENT.exec(trimmed)?.[1]
    const value = name === undefined ? undefined : parseEnv(trimmed)[name]
    if (name === undefined || value === undefined) complaints.push({ code: 'NOT_A_VARIABLE', line })
    else {
      const before = environment.get(name)
      if (before) complaints.push({ code: 'REPEATED', line: before.line, name })
      environment.set(name, { value: value.trim(), line })
    }
  }
  return { environment, complaints }
}
