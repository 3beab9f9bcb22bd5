// An object store by @nats-io/obj, done as it is asked on standard input, a line of JSON each.
import { createInterface } from "node:readline";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { connect } from "@nats-io/transport-node";

const nc = await connect({ servers: process.argv[2] });
const objm = new Objm(jetstream(nc));
const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const told = (info) => info && { size: info.size, chunks: info.chunks, digest: info.digest, deleted: info.deleted };
const failing = (content) =>
  new ReadableStream({
    pull(controller) {
      controller.enqueue(content);
      controller.error(new Error("broken off"));
    },
  });

const does = {
  create: async ({ bucket, storage }) => (await (await objm.create(bucket, { storage })).status()).bucket,
  put: async ({ bucket, name, content, chunk }) =>
    told(await (await objm.open(bucket)).putBlob({ name, options: { max_chunk_size: chunk } }, bytes(content))),
  broken: async ({ bucket, name, content, chunk }) => {
    const os = await objm.open(bucket);
    const rest = failing(bytes(content));
    return told(await os.put({ name, options: { max_chunk_size: chunk } }, rest).catch(() => null));
  },
  get: async ({ bucket, name }) => {
    const found = await (await objm.open(bucket)).getBlob(name);
    return found === null ? null : Buffer.from(found).toString("base64");
  },
  info: async ({ bucket, name }) => told(await (await objm.open(bucket)).info(name)),
  delete: async ({ bucket, name }) => (await (await objm.open(bucket)).delete(name)).success,
  list: async ({ bucket }) => (await (await objm.open(bucket)).list()).map((info) => info.name).sort(),
  rename: async ({ bucket, name, to }) => (await (await objm.open(bucket)).update(name, { name: to })) !== null,
  link: async ({ bucket, name, to }) => {
    const os = await objm.open(bucket);
    return (await os.link(name, await os.info(to))) !== null;
  },
  bucket: async ({ bucket, name, to }) => {
    const os = await objm.open(bucket);
    return (await os.linkStore(name, await objm.open(to))) !== null;
  },
  seal: async ({ bucket }) => (await (await objm.open(bucket)).seal()).sealed,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = { found: await does[op](request) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await nc.close();
