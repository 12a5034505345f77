// The servers that pds.mjs and network.mjs start, on 127.0.0.1 with throw-away data, and the orders that both obey.
//
// Orders come one a line on standard input, and each is answered with its first word: "stop" makes the PDS deaf
// (connections are refused), "start" lets it listen again on the same port with the same data; "route DID#ID=URL" makes
// it take a service of that DID to be at that address, where it forwards what is meant for the service. The end of
// standard input, which is also what the death of the parent looks like, ends everything.
import { randomBytes } from 'node:crypto'
import { setDefaultResultOrder } from 'node:dns'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

process.env.LOG_ENABLED = 'false' // the servers would log to standard output, which is ours
process.env.PDS_DEV_MODE = 'true'
setDefaultResultOrder('ipv4first')

// The servers ask to listen on a bare port, which means every interface of the machine.
const bareListen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  if (typeof port !== 'number' || typeof rest[0] === 'string') return bareListen.call(this, port, ...rest)
  return bareListen.call(this, port, '127.0.0.1', ...rest.filter((part) => part !== undefined))
}

export const freePort = async () => {
  const probe = createServer().listen(0)
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

export const startPlc = async () => {
  const { PlcServer, Database } = await import('@did-plc/server')
  const port = await freePort()
  await PlcServer.create({ db: Database.mock(), port }).start()
  return `http://localhost:${port}`
}

// Starts a PDS; `more` is configuration beyond that of a server that stands alone.
export const startPds = async (plcUrl, more = {}) => {
  const { PDS, envToCfg, envToSecrets } = await import('@atproto/pds')
  const folder = mkdtempSync(join(tmpdir(), 'daily-picks-pds-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'blobs'))
  const environment = {
    devMode: true, // plain http is allowed
    hostname: 'localhost',
    port: await freePort(),
    dataDirectory: folder,
    blobstoreDiskLocation: join(folder, 'blobs'),
    didPlcUrl: plcUrl,
    serviceHandleDomains: ['.test'],
    inviteRequired: false,
    rateLimitsEnabled: false,
    crawlers: [],
    adminPassword: randomBytes(16).toString('hex'),
    jwtSecret: randomBytes(32).toString('hex'),
    plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'),
    ...more,
  }
  const pds = await PDS.create(envToCfg(environment), envToSecrets(environment))
  await pds.start()
  return pds
}

export const addressOf = (pds) => `http://localhost:${pds.ctx.cfg.service.port}`

// Says where everything is, in one line of JSON, and obeys orders until there are no more.
export const serve = async (pds, addresses) => {
  const { port } = pds.ctx.cfg.service
  const services = new Map()
  const resolver = pds.ctx.idResolver.did
  const resolve = resolver.resolve.bind(resolver)
  resolver.resolve = async (did, ...rest) => services.get(did) ?? resolve(did, ...rest)

  const orders = {
    stop: async () => {
      pds.server.close()
      pds.server.closeAllConnections()
      await once(pds.server, 'close')
    },
    start: async () => {
      pds.server.listen(port)
      await once(pds.server, 'listening')
    },
    route: async (entry) => {
      const [, did, id, serviceEndpoint] = /^([^#]+)#([^=]+)=(.+)$/.exec(entry)
      services.set(did, { id: did, service: [{ id: `#${id}`, type: 'Service', serviceEndpoint }] })
    },
  }
  console.log(JSON.stringify({ url: addressOf(pds), ...addresses }))
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, ...rest] = line.split(' ')
    await orders[word](...rest)
    console.log(word)
  }
  process.exit(0)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
