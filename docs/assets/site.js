// A table that a form above it searches, by words that a row has to have.
for (const form of document.querySelectorAll("form[data-table]")) {
  const rows = [...document.getElementById(form.dataset.table).tBodies[0].rows]
    .map((row) => ({ row, text: row.textContent.toLowerCase() }));
  const search = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    form.querySelector("output").textContent = `${shown} of ${rows.length}`;
  };
  form.hidden = false;
  form.addEventListener("input", search);
  form.addEventListener("submit", (event) => event.preventDefault());
  search();
}

// What scrolls sideways can be reached with the keyboard; the theme wraps tables when a page is shown.
const reach = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre, .md-typeset pre > code")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
};
window.document$?.subscribe(() => requestAnimationFrame(reach));
addEventListener("resize", reach);
