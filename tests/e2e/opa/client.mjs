// Asks a gate-server as if it were OPA, with OPA's own client library.
import assert from "node:assert/strict";
import { OPAClient } from "@open-policy-agent/opa";

const headers = { authorization: `Bearer ${process.env.GATE_TOKEN}` };
const opa = new OPAClient(process.env.GATE_URL, { headers });
let answers = 0;
const same = (given, wanted) => {
  assert.deepEqual(given, wanted);
  answers += 1;
};

same(await opa.evaluate("net/open/allow_request", { request: { flag: true } }), true);
same(await opa.evaluate("net/open/score"), 0.5);
same(await opa.evaluate("net/open/score", { by: 4 }), 0.25);
same(await opa.evaluate("servers/1/name"), "store");
same(await opa.evaluateDefault({ user: "ann" }), "hello, ann");
same(
  (await opa.evaluate("net/open/reachable")).map((server) => server.id),
  ["s1", "s3"],
);
same(
  await opa.evaluate("net/open/greeting", { user: "a" }, { fromResult: (text) => text.length }),
  "hello <a> & all".length,
);
// OPA has no batches: the client asks for each, as told.
const inputs = { one: { by: 1 }, two: { by: 2 } };
same(await opa.evaluateBatch("net/open/score", inputs, { fallback: true }), { one: 1, two: 0.5 });
const stranger = new OPAClient(process.env.GATE_URL);
await assert.rejects(stranger.evaluate("net/open/score"));
answers += 1;
console.log(`${answers} answers as from OPA`);
