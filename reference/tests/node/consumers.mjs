// Consumers by @nats-io/jetstream: consume, fetch, ordered. Arguments: the server's URL, and the
// words to say when it should be killed and started again.
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, nanos } from "@nats-io/transport-node";

const nc = await connect({ servers: process.argv[2], maxReconnectAttempts: -1, reconnectTimeWait: 100 });
const js = jetstream(nc);
const jsm = await jetstreamManager(nc);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function fill(name, count) {
  await jsm.streams.add({ name, subjects: [`${name}.*`], storage: "file" });
  for (let number = 1; number <= count; number++) await js.publish(`${name}.${number % 3}`, `${number}`);
}

async function fetching() {
  await fill("fetching", 12);
  await jsm.consumers.add("fetching", { durable_name: "worker", ack_policy: AckPolicy.Explicit, ack_wait: nanos(30_000) });
  const consumer = await js.consumers.get("fetching", "worker");
  const seen = [];
  for await (const message of await consumer.fetch({ max_messages: 5, expires: 5000 })) {
    seen.push(message.seq);
    assert.equal(await message.ackAck(), true);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  for await (const message of await consumer.fetch({ max_messages: 20, expires: 1500 })) {
    seen.push(message.seq);
    message.ack();
  }
  assert.deepEqual(seen, [...Array(12).keys()].map((key) => key + 1));
  assert.equal((await consumer.info()).num_pending, 0);
  assert.equal(await consumer.next({ expires: 1000 }), null);
}

async function filtered() {
  await fill("filtered", 9);
  const made = await jsm.consumers.add("filtered", {
    durable_name: "ones",
    filter_subject: "filtered.1",
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
  });
  assert.equal(made.num_pending, 3);
  const consumer = await js.consumers.get("filtered", "ones");
  (await consumer.next()).nak();
  const counts = {};
  for await (const message of await consumer.fetch({ max_messages: 3, expires: 5000 })) {
    counts[message.seq] = message.info.deliveryCount;
    if (message.seq === 1) message.term("enough");
  }
  assert.deepEqual(counts, { 1: 2, 4: 1, 7: 1 });
  assert.deepEqual((await jsm.consumers.list("filtered").next()).map((info) => info.name), ["ones"]);
  assert.equal(await jsm.consumers.delete("filtered", "ones"), true);
}

async function ordered() {
  await fill("ordered", 30);
  const consumer = await js.consumers.get("ordered");
  const seen = [];
  const messages = await consumer.consume({ max_messages: 10 });
  for await (const message of messages) {
    seen.push(message.seq);
    if (seen.length === 30) break;
  }
  assert.deepEqual(seen, [...Array(30).keys()].map((key) => key + 1));
}

// The server is killed in the middle and comes back on the same port and store.
async function consuming() {
  await fill("consuming", 40);
  await jsm.consumers.add("consuming", { durable_name: "worker", ack_policy: AckPolicy.Explicit, ack_wait: nanos(4_000) });
  const consumer = await js.consumers.get("consuming", "worker");
  const acked = new Set();
  const messages = await consumer.consume({ max_messages: 8, expires: 3000 });
  let restarted = false;
  for await (const message of messages) {
    // Once acknowledged, only what had been sent again before may still be on its way.
    assert.ok(message.redelivered || !acked.has(message.seq), `message ${message.seq} came again`);
    if (await message.ackAck({ timeout: 2000 }).catch(() => false)) acked.add(message.seq);
    if (acked.size === 15 && !restarted) {
      restarted = true;
      console.log("restart");
      assert.equal((await lines.next()).value, "restarted");
    }
    if (acked.size === 40) break;
  }
  assert.equal(restarted, true);
  const { num_pending, num_ack_pending } = await consumer.info();
  assert.deepEqual({ num_pending, num_ack_pending }, { num_pending: 0, num_ack_pending: 0 });
}

await fetching();
await filtered();
await ordered();
await consuming();
console.log("done");
process.exit(0);
