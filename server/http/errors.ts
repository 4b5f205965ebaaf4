import type { FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AppError, publicError, type ErrorCode } from '../kit/errors.ts'

const CODES: Record<number, ErrorCode> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  429: 'RATE_LIMITED',
}

/** What a handler threw, or what Fastify has against a request: always with a code of kit/errors. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string }
  if (statusCode < 500 && !(error instanceof AppError)) {
    void reply.code(statusCode).send({ error: { code: CODES[statusCode] ?? 'INVALID', message } })
    return
  }
  const { code, httpStatus, message: text, details } = publicError(error)
  if (code === 'INTERNAL') request.log.error({ err: error, ...details }, 'a request failed')
  void reply.code(httpStatus).send({ error: { code, message: text, details } })
}

export const answerMissing = (_request: FastifyRequest, reply: FastifyReply) =>
  reply.code(404).send({ error: { code: 'NOT_FOUND', message: 'No such address' } })

const BROKEN: Record<string, { status: number; message: string }> = {
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers are too long' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive' },
}

/** Answers what is not HTTP, or no longer: there is neither a request nor a reply. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const { status, message } = BROKEN[error.code ?? ''] ?? { status: 400, message: 'This is not HTTP' }
  const body = JSON.stringify({ error: { code: 'INVALID', message } })
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Content-Type: application/json', 'Connection: close']
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  socket.destroy(error)
}
