// The whole of Bluesky for the tests: an account server (PDS), the account directory (PLC), and the open-source AppView,
// which reads what the PDS sends out, keeps it in PostgreSQL, and answers as the app's server does.
//
// One word: the address of an empty PostgreSQL database. Writes one line of JSON to standard output when everything
// answers, {"url", "plc_url", "appview_url"}, and then obeys orders; see servers.mjs.
import { Secp256k1Keypair } from '@atproto/crypto'

import { addressOf, freePort, serve, startPds, startPlc } from './servers.mjs'

process.noDeprecation = true // the AppView's driver of PostgreSQL warns of its next version

const [, , postgres] = process.argv

// The AppView is called by a DID, as accounts are: requests that the PDS forwards are signed for it.
const createIdentity = async (plcUrl, signingKey, address) => {
  const { Client } = await import('@did-plc/lib')
  const directory = new Client(plcUrl)
  const key = signingKey.did()
  const did = await directory.createDid({ signingKey: key, rotationKeys: [key], handle: 'appview.test', pds: address, signer: signingKey })
  await directory.updateData(did, signingKey, (data) => ({
    ...data,
    services: { ...data.services, bsky_appview: { type: 'BskyAppView', endpoint: address } },
  }))
  return did
}

// What the AppView shows comes from its data plane: tables, and a server that reads them.
const startDataPlane = async (bsky, plcUrl) => {
  const schema = 'appview'
  const migrating = new bsky.Database({ url: postgres, schema })
  await migrating.migrateToLatestOrThrow()
  await migrating.close()
  const db = new bsky.Database({ url: postgres, schema, poolSize: 10 })
  const [port, syncPort] = [await freePort(), await freePort()]
  const { idResolver } = await bsky.DataPlaneServer.create(db, port, plcUrl)
  await bsky.MockBsync.create(db, syncPort) // keeps mutes and the like, which belong to no account server
  return { db, idResolver, url: `http://localhost:${port}`, syncUrl: `http://localhost:${syncPort}` }
}

const startAppView = async (bsky, { plcUrl, dataPlane, did, signingKey, port }) => {
  const config = new bsky.ServerConfig({
    version: 'tests',
    port,
    publicUrl: `http://localhost:${port}`,
    serverDid: did,
    alternateAudienceDids: [],
    didPlcUrl: plcUrl,
    dataplaneUrls: [dataPlane.url],
    dataplaneHttpVersion: '1.1',
    bsyncUrl: dataPlane.syncUrl,
    bsyncHttpVersion: '1.1',
    modServiceDid: 'did:example:nobody',
    labelsFromIssuerDids: [],
    bigThreadUris: new Set(),
    maxThreadParents: 50,
    disableSsrfProtection: true, // pictures are fetched from the PDS, which is on this machine
    searchTagsHide: new Set(),
    threadTagsBumpDown: new Set(),
    threadTagsHide: new Set(),
    visibilityTagHide: '',
    visibilityTagRankPrefix: '',
    debugFieldAllowedDids: new Set(),
    draftsLimit: 500,
    adminPasswords: ['nobody-asks'],
    etcdHosts: [],
    notificationsDelayMs: 0,
  })
  const appView = bsky.BskyAppView.create({ signingKey, config })
  await appView.start()
  return appView
}

const plcUrl = await startPlc()
const bsky = await import('@atproto/bsky')
const signingKey = await Secp256k1Keypair.create()
const port = await freePort()
const appViewUrl = `http://localhost:${port}`
const did = await createIdentity(plcUrl, signingKey, appViewUrl)
const dataPlane = await startDataPlane(bsky, plcUrl)
const appView = await startAppView(bsky, { plcUrl, dataPlane, did, signingKey, port })
const pds = await startPds(plcUrl, {
  bskyAppViewUrl: appViewUrl,
  bskyAppViewDid: did,
  bskyAppViewCdnUrlPattern: `${appViewUrl}/img/%s/plain/%s/%s`,
})

// A handle such as "account-1.test" stands in no DNS: the PDS knows whose it is.
for (const resolver of [appView.ctx.idResolver, dataPlane.idResolver]) {
  resolver.handle.resolve = async (handle) => {
    const answer = await fetch(`${addressOf(pds)}/xrpc/com.atproto.identity.resolveHandle?handle=${encodeURIComponent(handle)}`)
    return answer.ok ? (await answer.json()).did : undefined
  }
}
new bsky.RepoSubscription({ service: addressOf(pds).replace('http', 'ws'), db: dataPlane.db, idResolver: dataPlane.idResolver }).start()
await serve(pds, { plc_url: plcUrl, appview_url: appViewUrl })
