// What scrolls sideways can be reached with the keyboard; the theme wraps tables when a page is shown.
const reach = () => {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre, .md-typeset pre > code")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
};
window.document$?.subscribe(() => requestAnimationFrame(reach));
addEventListener("resize", reach);
