"use strict";
// A results.json of the reader's own, shown as the HTML report shows it; nothing is sent anywhere.

const known = JSON.parse(document.getElementById("specification").textContent);
const note = document.getElementById("note");

// Reads and writes become lines: those of one side joined, then cut at line feeds.
function lines(transcript) {
  const joined = [];
  for (const entry of transcript) {
    const last = joined.at(-1);
    const same = last && entry.side !== "#" && last.side === entry.side && last.connection === entry.connection;
    if (same) last.data += entry.data;
    else joined.push({ ...entry });
  }
  return joined.flatMap((entry) => {
    const pieces = entry.side === "#" ? [entry.data] : entry.data.match(/[^␊]*␊|[^␊]+/g) || [];
    return pieces.map((data) => [entry.connection, entry.side, Math.round(entry.at * 10000) / 10, data.slice(0, 200)]);
  });
}

function shortened(one) {
  const all = lines(one.transcript || []);
  const most = ["PASS", "NA"].includes(one.verdict) ? 24 : 60;
  const head = all.length > most ? Math.floor(most / 3) : all.length;
  const tail = Math.max(all.length - (most - head), head);
  return { seconds: 0, message: "", expected: "", got: "", examples: 1, met: "", ...one,
    lines: [...all.slice(0, head), ...all.slice(tail)], head, left_out: tail - head };
}

function target(one) {
  const passed = (one.passed || []).flatMap((group) => group.cases.map((id) => ({ id, requirements: group.requirements, verdict: "PASS" })));
  return { name: one.name, version: String(one.server.version || ""),
    verdicts: Object.fromEntries(one.requirements.map((each) => [each.id, each.verdict])),
    cases: [...one.cases, ...passed].map(shortened) };
}

function show(results) {
  const graded = new Set(results.targets.flatMap((one) => one.requirements.map((each) => each.id)));
  const chapters = known.chapters.map((chapter) => ({ ...chapter, requirements: chapter.requirements.filter((each) => graded.has(each.id)) }));
  const data = { seed: results.seed, budget: results.budget, verdicts: known.verdicts, chapters, targets: results.targets.map(target) };
  document.getElementById("data").textContent = JSON.stringify(data);
  document.getElementById("filters").hidden = false;
  const list = document.getElementById("targets");
  for (const one of results.targets) {
    const counts = Object.entries(one.summary).map(([verdict, count]) => `${count} ${verdict}`).join(", ");
    list.append(element("li", {}, element("strong", {}, one.name), ` ${one.server.version || ""} `, element("span", { class: "counts" }, counts)));
  }
  note.textContent = `nats-spec ${results.suite_version} · ${results.started} · seed ${results.seed} · budget ${results.budget}`;
  document.body.append(element("script", {}, document.getElementById("page").textContent));
}

document.getElementById("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const results = JSON.parse(await file.text());
    if (results.schema_version !== 1 || !Array.isArray(results.targets)) throw new Error("it is no results.json of nats-conformance");
    show(results);
    event.target.disabled = true; // another file: load the page again
  } catch (error) {
    note.textContent = `${file.name} can't be shown: ${error.message}`;
  }
});
