// « Afficher » beside a password. The button is hidden in the page and shown here: without JavaScript it is not there.

for (const button of document.querySelectorAll("button[data-password]")) {
  const field = document.getElementById(button.dataset.password);
  const word = button.querySelector("[data-word]");
  if (!field || !word) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    word.textContent = shown ? "Afficher" : "Masquer";
  });
  // A browser must not offer to remember a visible password as a text.
  field.form?.addEventListener("submit", () => { field.type = "password"; });
}
