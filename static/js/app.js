// The frame: menus that close by themselves, and what an htmx request that fails leaves on screen.
// Nothing here is needed to use a page: menus are <details>, links and forms have a real address.

for (const menu of document.querySelectorAll("details[data-menu]")) {
  const summary = menu.querySelector("summary");
  document.addEventListener("click", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

// A fragment being replaced says so to everyone: dimmed by states.css, announced as busy.
document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));

// A session that is over answers 401 to a fragment: go to the login in full, then come back. A page that keeps a text
// being typed prevents the event, and asks for the login in place.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 401 || event.defaultPrevented) return;
  const { connexion } = JSON.parse(event.detail.xhr.responseText);
  const address = new URL(connexion, location.href);
  address.searchParams.set("next", location.pathname + location.search);
  location.assign(address);
});

const FAILURES = {
  403: "Vous n’avez pas le droit de voir cette partie de la page.",
  404: "Cette partie de la page n’existe plus.",
  429: "Trop de demandes en peu de temps. Patientez une minute.",
};

function showFailure(text) {
  const box = document.querySelector(".ror-messages");
  if (!box) return;
  const notice = document.createElement("p");
  notice.className = "ror-notice ror-bad mb-0";
  notice.dataset.failure = "";
  notice.textContent = `${text} Votre saisie est gardée : vous pouvez réessayer, ou appeler le support.`;
  box.querySelector("[data-failure]")?.remove();
  box.append(notice);
}

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) return;
  showFailure(FAILURES[event.detail.xhr.status] || "Le ROR n’a pas répondu comme prévu.");
});
document.addEventListener("htmx:sendError", () => showFailure("La connexion au ROR est perdue."));
document.addEventListener("htmx:afterSwap", () => document.querySelector("[data-failure]")?.remove());

// A text a page keeps in this tab until the ROR has it (autosave.js) is not left to the next person.
document.addEventListener("submit", ({ target }) => {
  if (!target.action?.endsWith?.("/deconnexion/")) return;
  window.addEventListener("pagehide", () => { // once the question about an unsaved text is answered
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("ror-fiche-")) sessionStorage.removeItem(key);
  });
});
