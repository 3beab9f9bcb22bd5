// Does with @nats-io/kv what each line of its input says, a JSON object, and answers with a line.
// One argument: the server's URL.
import { createInterface } from "node:readline";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";

const nc = await connect({ servers: process.argv[2] });
const kvm = new Kvm(nc);
const text = (data) => new TextDecoder().decode(data);
const shown = (entry) =>
  entry && { key: entry.key, revision: entry.revision, kind: entry.operation, value: text(entry.value) };
const all = async (iterator) => {
  const found = [];
  for await (const each of iterator) found.push(each);
  return found;
};
const buckets = new Map();
let watch;

const operations = {
  make: async ({ bucket, options }) => {
    buckets.set(bucket, await kvm.create(bucket, options));
  },
  open: async ({ bucket }) => {
    buckets.set(bucket, await kvm.open(bucket, { allow_direct: true }));
  },
  put: ({ kv, key, value }) => kv.put(key, value),
  create: ({ kv, key, value, ttl }) => kv.create(key, value, ttl),
  update: ({ kv, key, value, last }) => kv.update(key, value, last),
  delete: ({ kv, key, last }) => kv.delete(key, last ? { previousSeq: last } : undefined),
  purge: ({ kv, key }) => kv.purge(key),
  get: async ({ kv, key, revision }) => shown(await kv.get(key, revision ? { revision } : undefined)),
  keys: async ({ kv }) => all(await kv.keys()),
  history: async ({ kv, key }) => (await all(await kv.history({ key }))).map(shown),
  purge_deletes: ({ kv }) => kv.purgeDeletes(0),
  status: async ({ kv }) => {
    const { values, history, bucket } = await kv.status();
    return { values, history, bucket };
  },
  watch: async ({ kv }) => {
    watch = await kv.watch();
  },
  watched: async ({ count }) => {
    const found = [];
    for await (const each of watch) {
      found.push(shown(each));
      if (found.length === count) break;
    }
    return found;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...rest } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await operations[op]({ kv: buckets.get(rest.bucket), ...rest }) };
  } catch (error) {
    answer = { error: error.code ?? error.message };
  }
  console.log(JSON.stringify(answer));
}
await nc.close();
