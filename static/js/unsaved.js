// Leaving a page that holds an unsaved text warns. Found by data-unsaved="yes" on a form; a page says `ror:saved` on it
// when a save was acknowledged. A form that is really sent leaves without a question.

document.addEventListener("ror:saved", ({ target }) => { if (target.dataset) target.dataset.unsaved = ""; });
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && "unsaved" in event.target.dataset) event.target.dataset.unsaved = "";
});
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-unsaved=yes]")) event.preventDefault();
});
