"use strict";
const run = JSON.parse(document.getElementById("data").textContent);
const WORDS = { PASS: "pass", FAIL: "fail", NA: "n/a", UNTESTABLE: "untestable", ERROR: "error", XFAIL: "known failure", XPASS: "unexpected pass" };
// Of several releases of one server, the number says enough.
const brief = (target) => (target.name.endsWith(`@${target.version}`) ? target.version : target.name);
const field = (id) => document.getElementById(id);

// `code` in a sentence.
function spelled(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

// The cases of a requirement on each target.
const cases = new Map();
run.targets.forEach((target, index) => {
  for (const one of target.cases) {
    for (const id of one.requirements.length ? one.requirements : ["-"]) {
      if (!cases.has(id)) cases.set(id, []);
      cases.get(id).push([index, one]);
    }
  }
});

function facts(one) {
  const list = element("dl", {});
  const add = (name, value) => value && list.append(element("dt", {}, name), element("dd", {}, String(value)));
  add("because", one.message);
  add("expected", one.expected);
  add("got", one.got);
  add("examples", one.examples > 1 ? one.examples : "");
  add("met", one.met);
  return list;
}

function drawn(index, one) {
  const target = run.targets[index];
  const summary = element("summary", {}, mark(one.verdict), ` ${one.id} `, element("span", { class: "dim" }, `on ${target.name}, ${one.seconds} s`));
  const box = element("details", { class: "case" }, summary);
  box.addEventListener("toggle", () => {
    if (!box.open || box.childElementCount > 1) return;
    const budget = run.budget === "standard" ? "" : ` --budget ${run.budget}`;
    const again = `nats-conformance run '${target.name}' --select ${one.id} --seed ${run.seed}${budget}`;
    box.append(facts(one));
    if (one.lines.length) box.append(diagram(one));
    box.append(element("p", {}, "Again: ", element("code", {}, again)));
  });
  return box;
}

const mark = (verdict, name) => element("span", { class: `mark ${verdict}` }, name ? `${name}: ${WORDS[verdict]}` : WORDS[verdict]);

function row(requirement) {
  const marks = element("span", { class: "marks" });
  for (const target of run.targets) {
    const verdict = target.verdicts[requirement.id];
    if (verdict) marks.append(mark(verdict, run.targets.length > 1 ? brief(target) : ""));
  }
  const summary = element("summary", {}, element("span", { class: "id" }, requirement.id),
    element("span", { class: "sentence" }, ...spelled(requirement.text)), marks);
  const box = element("details", { class: "requirement", id: requirement.id }, summary);
  box.addEventListener("toggle", () => {
    if (!box.open || box.childElementCount > 1) return;
    box.append(element("p", { class: "dim" }, `${requirement.level}, since ${requirement.since}`));
    const evidence = cases.get(requirement.id) || [];
    const calm = (one) => ["PASS", "NA"].includes(one.verdict);
    for (const [index, one] of [...evidence].sort((a, b) => calm(a[1]) - calm(b[1]))) box.append(drawn(index, one));
  });
  return box;
}

const rows = [];
for (const chapter of run.chapters.filter((one) => one.requirements.length)) {
  const head = element("h2", {}, `${chapter.number} ${chapter.title}`);
  const section = element("section", {}, head);
  for (const requirement of chapter.requirements) {
    const verdicts = run.targets.map((target) => target.verdicts[requirement.id]).filter(Boolean);
    const names = (cases.get(requirement.id) || []).map((pair) => pair[1].id).join(" ");
    const box = row(requirement);
    rows.push({ box, section, chapter: String(chapter.number), level: requirement.level, verdicts,
      text: `${requirement.id} ${requirement.text} ${names}`.toLowerCase() });
    section.append(box);
  }
  field("requirements").append(section);
  field("chapter").append(element("option", { value: chapter.number }, `${chapter.number} ${chapter.title}`));
}
for (const verdict of run.verdicts.filter((one) => rows.some((each) => each.verdicts.includes(one)))) {
  field("verdict").append(element("option", { value: verdict }, WORDS[verdict]));
}
for (const level of new Set(rows.map((each) => each.level))) {
  field("level").append(element("option", { value: level }, level));
}

function filter() {
  const wanted = Object.fromEntries(["search", "chapter", "verdict", "level"].map((id) => [id, field(id).value]));
  const words = wanted.search.toLowerCase();
  let shown = 0;
  for (const each of rows) {
    const fits = (!wanted.chapter || each.chapter === wanted.chapter) && (!wanted.level || each.level === wanted.level)
      && (!wanted.verdict || each.verdicts.includes(wanted.verdict)) && each.text.includes(words);
    each.box.hidden = !fits;
    shown += fits;
  }
  for (const section of new Set(rows.map((each) => each.section))) {
    section.hidden = rows.every((each) => each.section !== section || each.box.hidden);
  }
  field("count").textContent = `${shown} of ${rows.length} requirements`;
}
field("filters").addEventListener("input", filter);
field("filters").addEventListener("submit", (event) => event.preventDefault());
filter();

function follow() {
  const box = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (box instanceof HTMLDetailsElement) { box.open = true; box.scrollIntoView(); }
}
addEventListener("hashchange", follow);
follow();
