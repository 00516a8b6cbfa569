// The search form and its results: suggestions, short addresses, rows that unfold, filters and their sheet.
// Without this file everything is there and open, and the filters have their button.
import { enhance } from "./combobox.js";

// What is sent is what is worth keeping in an address: no empty field, no label beside its code.
function tidy({ formData }) {
  if (formData.get("ou")) formData.delete("lieu");
  if (!formData.get("lieu")) for (const name of ["lat", "lon"]) formData.delete(name);
  if (formData.get("code")) formData.delete("q");
  if (formData.get("dans") === "tout") formData.delete("dans");
  for (const name of ["lieu", "ou", "code"]) if (!formData.get(name)) formData.delete(name);
}

const folded = new Set(); // facets the reader closed: kept from answer to answer

function toggle(button) {
  const row = document.getElementById(button.getAttribute("aria-controls"));
  row.hidden = !row.hidden;
  button.setAttribute("aria-expanded", String(!row.hidden));
  button.closest("tr").classList.toggle("is-open", !row.hidden);
}

function prepare(root) {
  enhance(root);
  for (const form of root.querySelectorAll("form[data-search-form]:not([data-ready])")) {
    form.dataset.ready = "";
    form.addEventListener("formdata", tidy);
  }
  for (const button of root.querySelectorAll("[data-unfold]:not([data-ready])")) {
    button.dataset.ready = "";
    toggle(button);
    document.getElementById(button.getAttribute("aria-controls")).dataset.ready = "";
    button.addEventListener("click", () => toggle(button));
  }
  for (const details of root.querySelectorAll("details[data-facet]:not([data-ready])")) {
    details.dataset.ready = "";
    if (folded.has(details.dataset.facet)) details.open = !details.open;
    details.addEventListener("toggle", () => {
      if (details.open) folded.delete(details.dataset.facet);
      else folded.add(details.dataset.facet);
    });
  }
}

// On a phone the filters are a sheet, opened by its address (#filtres). A filter changes the address: with scripts the
// sheet is opened by a class, which outlives the answer, and gives the focus back to what opened it.
function openSheet(open) {
  const sheet = document.getElementById("filtres");
  sheet?.classList.toggle("is-open", open);
  if (open) sheet?.querySelector("a, summary")?.focus();
  else document.querySelector('a[href="#filtres"]')?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href="#filtres"], #filtres a[href="#contenu"]');
  if (!link) return;
  event.preventDefault();
  openSheet(link.hash === "#filtres");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("#filtres.is-open")) openSheet(false);
});

prepare(document);
document.addEventListener("htmx:afterSettle", () => prepare(document));
