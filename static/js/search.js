// The search form and its results: suggestions, short addresses, rows that unfold, filters that stay folded.
// Without this file everything is there and open, and the filters have their button.
import { enhance } from "./combobox.js";

// What is sent is what is worth keeping in an address: no empty field, no label beside its code.
function tidy({ formData }) {
  if (formData.get("ou")) formData.delete("lieu");
  if (formData.get("code")) formData.delete("q");
  if (formData.get("dans") === "tout") formData.delete("dans");
  for (const name of ["lieu", "ou", "code"]) if (!formData.get(name)) formData.delete(name);
}

const folded = new Set(); // facets the reader closed, and lists of other values he opened: kept from answer to answer

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
    const initially = details.classList.contains("ror-more") ? false : true;
    details.addEventListener("toggle", () => {
      if (details.open === initially) folded.delete(details.dataset.facet);
      else folded.add(details.dataset.facet);
    });
  }
}

prepare(document);
document.addEventListener("htmx:afterSettle", () => prepare(document));
