// postgres.js 3.4.9 ends the whole process when a backend dies inside an open transaction: the next query writes to a
// socket that is null, from a setImmediate that nobody can catch (porsager/postgres issues 1066, 1154, 1208). And what such
// a transaction still asks, its rollback at the least, goes to a connection that somebody else is getting by then: answers
// are one off from there on, and the last one never comes. Until a release holds the fixes, `npm install` and `npm ci` apply
// them here: the queries fail, the process lives, the pool heals.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

// …/postgres/cjs/src/index.js
const root = path.resolve(createRequire(import.meta.url).resolve('postgres'), '../../..')

const connectionEdits = [
  {
    before: '  function nextWrite(fn) {\n    const x',
    after:
      '  function nextWrite(fn) {\n    if (socket === null) {\n      chunk = nextWriteTimer = null\n' +
      "      error(Errors.connection('CONNECTION_CLOSED', options))\n      return false\n    }\n    const x",
  },
  {
    before: "    clearImmediate(nextWriteTimer)\n    socket.removeListener('data', data)",
    after:
      "    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener('data', data)",
  },
  // What was asked between a socket's error and its end was told nothing, or that it had succeeded, by the next connection.
  {
    before:
      '    if (initial)\n      return reconnect()\n\n    !hadError && (query || sent.length) && ' +
      "error(Errors.connection('CONNECTION_CLOSED', options, socket))\n",
    after:
      "    const gone = Errors.connection('CONNECTION_CLOSED', options, socket)\n" +
      '    stream && (stream.destroy(gone), stream = null)\n    query && queryError(query, gone)\n' +
      '    while (sent.length) queryError(sent.shift(), gone)\n    query = results = errorResponse = null\n\n' +
      '    if (initial)\n      return reconnect()\n\n',
  },
  // A session that is ended while it has just begun: its query learns of it, and this promise belongs to nobody.
  { before: 'return fetchArrayTypes()\n', after: 'return fetchArrayTypes().catch(() => {})\n' },
]

// A transaction whose connection is lost asks nothing more.
const transactionEdits = [
  {
    before: "      , prepare = null\n\n    try {\n      await sql.unsafe('begin '",
    after: "      , prepare = null\n      , lost = null\n\n    try {\n      await sql.unsafe('begin '",
  },
  {
    before: '        new Promise((_, reject) => connection.onclose = reject)\n',
    after:
      '        new Promise((_, reject) => connection.onclose = e => {\n          lost = e\n' +
      '          while (queries.length) queries.shift().reject(e)\n          reject(e)\n        })\n',
  },
  {
    before: '        q.catch(e => uncaughtError || (uncaughtError = e))\n        c.queue',
    after:
      '        q.catch(e => uncaughtError || (uncaughtError = e))\n        if (lost) return q.reject(lost)\n        c.queue',
  },
]

function patch(file, edits) {
  const source = readFileSync(file, 'utf8')
  const patched = edits.reduce((text, { before, after }) => {
    if (text.includes(after)) return text
    if (!text.includes(before)) throw new Error(`${file} is not the release that this patch was made for`)
    return text.replace(before, after)
  }, source)
  if (patched !== source) writeFileSync(file, patched)
}

for (const build of ['src', 'cjs/src']) {
  patch(path.join(root, build, 'connection.js'), connectionEdits)
  patch(path.join(root, build, 'index.js'), transactionEdits)
}
