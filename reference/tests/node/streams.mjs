// Streams by @nats-io/jetstream: management, publishing, reading. One argument: the server's URL.
import assert from "node:assert/strict";
import { DiscardPolicy, jetstream, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { connect, headers, nanos } from "@nats-io/transport-node";

const nc = await connect({ servers: process.argv[2] });
const js = jetstream(nc);
const jsm = await jetstreamManager(nc);
const text = (message) => new TextDecoder().decode(message.data);
const all = async (iterator) => {
  const found = [];
  for await (const each of iterator) found.push(each);
  return found;
};
const refused = (promise, code) =>
  assert.rejects(promise, (error) => {
    assert.equal(error.code, code, error.message);
    return true;
  });

async function manage(storage) {
  const made = await jsm.streams.add({
    name: "MANAGED",
    subjects: ["managed.>"],
    storage,
    max_msgs_per_subject: 5,
    max_age: nanos(60_000),
    metadata: { owner: "node" },
  });
  assert.equal(made.config.storage, storage);
  assert.equal(made.config.discard, DiscardPolicy.Old);
  assert.equal(made.config.metadata.owner, "node");
  assert.equal(made.state.messages, 0);
  await jsm.streams.add({ name: "OTHER", subjects: ["other"], storage });
  await refused(jsm.streams.add({ name: "MANAGED", subjects: ["else"], storage }), 10058);
  await refused(jsm.streams.add({ name: "THIRD", subjects: ["managed.a"], storage }), 10065);
  assert.deepEqual(await all(jsm.streams.names()), ["ANCHOR", "MANAGED", "OTHER"]);
  assert.deepEqual(await all(jsm.streams.names("managed.*")), ["MANAGED"]);
  assert.deepEqual((await all(jsm.streams.list())).map((info) => info.config.name), ["ANCHOR", "MANAGED", "OTHER"]);
  assert.equal(await jsm.streams.find("other"), "OTHER");

  const updated = await jsm.streams.update("MANAGED", { max_msgs: 3, description: "smaller" });
  assert.equal(updated.config.description, "smaller");
  assert.deepEqual(updated.config.subjects, ["managed.>"]);
  for (let number = 1; number <= 4; number++) await js.publish(`managed.${number}`, `m${number}`);
  const info = await jsm.streams.info("MANAGED", { subjects_filter: ">", deleted_details: true });
  assert.equal(info.state.messages, 3);
  assert.equal(info.state.first_seq, 2);
  assert.deepEqual(info.state.subjects, { "managed.2": 1, "managed.3": 1, "managed.4": 1 });

  assert.equal(await jsm.streams.deleteMessage("MANAGED", 3), true);
  await refused(jsm.streams.deleteMessage("MANAGED", 3), 10043);
  assert.equal((await jsm.streams.info("MANAGED")).state.num_deleted, 1);
  assert.equal((await jsm.streams.purge("MANAGED", { filter: "managed.2" })).purged, 1);
  assert.equal((await jsm.streams.purge("MANAGED", { keep: 1 })).purged, 0);
  assert.equal((await jsm.streams.purge("MANAGED")).purged, 1);
  const account = await jsm.getAccountInfo();
  assert.equal(account.streams, 3);
  assert.equal(await jsm.streams.delete("MANAGED"), true);
  assert.equal(await jsm.streams.delete("OTHER"), true);
  await refused(jsm.streams.info("MANAGED"), 10059);
  assert.deepEqual(await all(jsm.streams.names()), ["ANCHOR"]);
}

async function publish(storage) {
  await jsm.streams.add({ name: "TARGET", subjects: ["target.*"], storage, max_msgs_per_subject: 10_000 });
  const first = await js.publish("target.a", "one", { msgID: "once" });
  assert.deepEqual([first.stream, first.seq, first.duplicate], ["TARGET", 1, false]);
  const again = await js.publish("target.a", "one", { msgID: "once" });
  assert.deepEqual([again.seq, again.duplicate], [1, true]);
  const next = await js.publish("target.a", "two", { expect: { lastSequence: 1, streamName: "TARGET" } });
  assert.equal(next.seq, 2);
  await refused(js.publish("target.a", "three", { expect: { lastSequence: 1 } }), 10071);
  await refused(js.publish("target.a", "three", { expect: { lastSubjectSequence: 1 } }), 10071);
  await refused(js.publish("target.a", "three", { expect: { streamName: "ELSE" } }), 10060);
  // Nobody hears it: the client takes the 503 for a server without JetStream.
  await assert.rejects(js.publish("nowhere.a", "lost"), { name: "JetStreamNotEnabled" });

  const acks = await Promise.all(
    Array.from({ length: 2000 }, (_, number) => js.publish("target.b", `p${number}`, { timeout: 20_000 })),
  );
  assert.deepEqual(acks.map((ack) => ack.seq), Array.from({ length: 2000 }, (_, number) => number + 3));
  const info = await jsm.streams.info("TARGET");
  assert.equal(info.state.messages, 2002);
  assert.equal(info.state.last_seq, 2002);
  await jsm.streams.delete("TARGET");
}

async function read(storage) {
  await jsm.streams.add({ name: "LOG", subjects: ["log.>"], storage, allow_direct: true });
  const fields = headers();
  fields.append("Key", "value");
  for (const [number, word] of ["a", "b", "a", "c", "b"].entries()) {
    await js.publish(`log.${word}`, `m${number + 1}`, number === 1 ? { headers: fields } : {});
  }
  const second = await jsm.streams.getMessage("LOG", { seq: 2 });
  assert.deepEqual([second.subject, second.seq, text(second)], ["log.b", 2, "m2"]);
  assert.equal(second.header.get("Key"), "value");
  assert.equal(text(await jsm.streams.getMessage("LOG", { last_by_subj: "log.a" })), "m3");
  assert.equal(text(await jsm.streams.getMessage("LOG", { next_by_subj: "log.b", seq: 3 })), "m5");
  assert.equal(await jsm.streams.getMessage("LOG", { seq: 99 }), null);

  const direct = await jsm.direct.getMessage("LOG", { seq: 2 });
  assert.deepEqual([direct.subject, direct.seq, direct.stream, text(direct)], ["log.b", 2, "LOG", "m2"]);
  assert.equal(direct.header.get("Key"), "value");
  assert.equal(direct.timestamp, second.timestamp);
  assert.equal(text(await jsm.direct.getMessage("LOG", { last_by_subj: "log.b" })), "m5");
  assert.equal(text(await jsm.direct.getMessage("LOG", { next_by_subj: "log.b", seq: 1 })), "m2");
  assert.equal(await jsm.direct.getMessage("LOG", { seq: 99 }), null);
  const batch = await all(await jsm.direct.getBatch("LOG", { seq: 2, batch: 3 }));
  assert.deepEqual(batch.map(text), ["m2", "m3", "m4"]);
  assert.deepEqual(batch.map((each) => each.pending), [3, 2, 1]);
  const filtered = await all(await jsm.direct.getBatch("LOG", { seq: 1, batch: 9, next_by_subj: "log.a" }));
  assert.deepEqual(filtered.map(text), ["m1", "m3"]);
  const last = await all(await jsm.direct.getLastMessagesFor("LOG", { multi_last: ["log.a", "log.b"] }));
  assert.deepEqual(last.map(text), ["m3", "m5"]);
  const then = await all(await jsm.direct.getLastMessagesFor("LOG", { multi_last: ["log.*"], up_to_seq: 2 }));
  assert.deepEqual(then.map(text), ["m1", "m2"]);
  await jsm.streams.delete("LOG");
}

// Right after an account's last stream was deleted, nats-server may fail to create one on file.
await jsm.streams.add({ name: "ANCHOR", subjects: ["anchor"] });
for (const storage of [StorageType.Memory, StorageType.File]) {
  await manage(storage);
  await publish(storage);
  await read(storage);
}
await nc.close();
