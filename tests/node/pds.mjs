// A real Bluesky server (PDS) and its account directory (PLC) for the tests. Nobody shows what is posted there.
//
// Writes one line of JSON to standard output when both answer, {"url", "plc_url"}, and then obeys orders; see servers.mjs.
import { serve, startPds, startPlc } from './servers.mjs'

const plcUrl = await startPlc()
await serve(await startPds(plcUrl), { plc_url: plcUrl })
