"use strict";
// The filters of the matrix, and the drawings of conversations; no request leaves the page.

const table = document.getElementById("matrix");
const filters = document.getElementById("matrix-filters");

if (table && filters) {
  const names = ["text", "chapter", "level", "profile", "verdict"];
  const rows = [];
  for (const body of table.tBodies) {
    for (const row of body.rows) {
      if (!row.id) continue;
      const cells = [...row.cells].slice(2);
      const releases = cells.filter((cell, place) => table.tHead.rows[0].cells[place + 2].dataset.kind === "release");
      const done = new Set(releases.map((cell) => cell.className).filter(Boolean));
      rows.push({ row, body, chapter: body.dataset.chapter, level: row.dataset.level, profile: row.dataset.profile,
        verdicts: new Set(cells.map((cell) => cell.className)), differs: done.size > 1,
        text: `${row.id} ${row.cells[1].textContent}`.toLowerCase() });
    }
  }

  const filter = () => {
    const wanted = Object.fromEntries(names.map((name) => [name, filters.elements[name].value]));
    const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    const open = new Set();
    for (const each of rows) {
      const fits = ["chapter", "level", "profile"].every((name) => !wanted[name] || each[name] === wanted[name])
        && (!wanted.verdict || (wanted.verdict === "differs" ? each.differs : each.verdicts.has(wanted.verdict)))
        && words.every((word) => each.text.includes(word));
      each.row.hidden = !fits;
      if (fits) open.add(each.body);
      shown += fits;
    }
    for (const body of table.tBodies) body.hidden = !open.has(body);
    filters.querySelector("output").textContent = `${shown} of ${rows.length} requirements`;
  };
  filters.hidden = false;
  filters.addEventListener("input", filter);
  filters.addEventListener("submit", (event) => event.preventDefault());
  filter();
}

// Draw a conversation when its case is opened; the list stays for those who listen.
function draw(box) {
  const list = box.querySelector("ol.talk");
  if (!list || list.classList.contains("drawn") || typeof diagram !== "function") return;
  const lines = [...list.children].map((item) => {
    const side = item.classList.contains("C") ? "C" : item.classList.contains("S") ? "S" : "#";
    return [Number(item.dataset.on || 0), side, 0, item.textContent];
  });
  const id = box.querySelector("summary").textContent;
  list.before(diagram({ id, lines, head: lines.length, left_out: 0 }));
  list.classList.add("drawn");
}
for (const box of document.querySelectorAll("details.case")) {
  if (!box.closest(".change")) box.addEventListener("toggle", () => box.open && draw(box));
}

// What the address names is opened, and its first case.
function follow() {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  const box = place instanceof HTMLDetailsElement ? place : place.querySelector("details.case");
  if (box) box.open = true;
  place.scrollIntoView({ block: table ? "center" : "start" });
}
addEventListener("hashchange", follow);
if (location.hash) follow();
