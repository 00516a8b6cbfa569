// Fiches. The print button opens the browser's own dialog (without JavaScript, Ctrl+P does the same); a long tree
// shows the line of the fiche one is reading.

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const tree of document.querySelectorAll("[data-tree]")) {
  const current = tree.querySelector("[aria-current]");
  if (current) tree.scrollTop = current.offsetTop - tree.offsetTop - tree.clientHeight / 2;
}
