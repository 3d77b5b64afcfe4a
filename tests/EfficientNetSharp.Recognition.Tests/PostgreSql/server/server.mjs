// PostgreSQL with pgvector in this process, behind the wire protocol on a free port, which is printed. Ends with its standard input.
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

// One query runs at a time; a connection that is closing does not keep the next one out.
const db = await PGlite.create({ extensions: { vector } })
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 16 })
server.addEventListener('listening', (event) => console.log(event.detail.port))
await server.start()
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
