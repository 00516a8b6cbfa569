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

// A lost session answers a fragment request with the login page: go there in full, then come back.
document.addEventListener("htmx:beforeSwap", (event) => {
  const address = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (!address.pathname.startsWith("/connexion/")) return;
  event.detail.shouldSwap = false;
  location.assign(`/connexion/?next=${encodeURIComponent(location.pathname + location.search)}`);
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
  showFailure(FAILURES[event.detail.xhr.status] || "Le ROR n’a pas répondu comme prévu.");
});
document.addEventListener("htmx:sendError", () => showFailure("La connexion au ROR est perdue."));
document.addEventListener("htmx:afterSwap", () => document.querySelector("[data-failure]")?.remove());
