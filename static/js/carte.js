// The map of the results: one request for its data, rows and markers that answer each other, « Rechercher dans cette
// zone ». The list beside it is complete without this file; htmx changes the list, the map keeps its own element.
import { calm, makeMap } from "./carte-fond.js";
import { makeMarkers } from "./carte-reperes.js";
import { makeCard } from "./carte-resume.js";

const CLOSEST = 15; // a single result is shown with its neighbourhood
let carte = null; // the map of the page; it outlives the fragments around it

function fail(section) {
  section.querySelector("[data-panne]").hidden = false;
}

function create(section, element) {
  const { tuiles, zoomMax, contours } = section.dataset;
  const { map, names } = makeMap(element, { tiles: tuiles, maxZoom: Number(zoomMax), contours });
  const made = { element, map, names, touched: false, here: false, selected: null, request: null };
  made.markers = makeMarkers(map, { onSelect: (id) => select(id), onHover: (id) => hover(id) });
  // Moved by a person, the map offers to search there; moved by us, it does not.
  for (const type of ["pointerdown", "wheel", "keydown"]) {
    element.addEventListener(type, () => { made.touched = true; }, { capture: true, passive: true });
  }
  map.on("moveend", () => {
    if (made.touched) made.section.querySelector("[data-chercher-ici]").hidden = false;
  });
  return made;
}

// --- Rows and markers -------------------------------------------------------------------------------------------------

function row(id) {
  return id === null ? null : document.getElementById(`eg-${id}`);
}

function hover(id) {
  document.querySelectorAll(".ror-map-list .is-hover").forEach((item) => item.classList.remove("is-hover"));
  row(id)?.classList.add("is-hover");
  carte.markers.mark("is-hover", id);
}

function mark(id) {
  row(carte.selected)?.classList.remove("is-active");
  row(carte.selected)?.removeAttribute("aria-current");
  carte.selected = id;
  row(id)?.classList.add("is-active");
  row(id)?.setAttribute("aria-current", "true");
  carte.markers.mark("is-active", id);
}

// `opener`: what gets the focus back when the summary is closed; the marker itself unless told.
function select(id, opener = null) {
  const feature = carte.markers.feature(id);
  if (!feature) return;
  carte.touched = false;
  carte.opener = opener;
  mark(id);
  carte.card.show(feature);
  const list = document.querySelector(".ror-map-list");
  if (opener) {
    if (list.scrollHeight <= list.clientHeight) carte.section.scrollIntoView({ block: "nearest" }); // a phone
    carte.markers.reveal(id, uncover);
  } else {
    if (list.scrollHeight > list.clientHeight) row(id)?.scrollIntoView({ block: "nearest" });
    uncover();
  }
}

// The summary never hides the marker it speaks of: the map moves aside.
function uncover() {
  const box = carte.card.box();
  if (carte.selected === null || !box) return;
  const at = carte.markers.point(carte.selected);
  if (at.y < box.top - 8 || at.x > box.right + 24) return;
  carte.map.panBy(box.isWide ? [0, at.y - box.top + 24] : [at.x - box.right - 48, 0], { animate: !calm });
}

function close() {
  const { selected, opener } = carte;
  carte.card.hide();
  mark(null);
  (opener?.isConnected ? opener : carte.markers.element(selected) ?? carte.element).focus({ preventScroll: true });
}

function enrich(item) {
  const id = Number(item.dataset.eg);
  const pin = item.querySelector(".ror-pin");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ror-pin";
  button.textContent = pin.textContent;
  button.setAttribute("aria-label", `${pin.textContent} : voir ${item.querySelector("a").textContent} sur la carte`);
  pin.replaceWith(button);
  item.addEventListener("click", (event) => {
    if (!event.target.closest("a") && !String(getSelection())) select(id, button);
  });
  for (const type of ["mouseenter", "focusin"]) item.addEventListener(type, () => hover(id));
  for (const type of ["mouseleave", "focusout"]) item.addEventListener(type, () => hover(null));
}

// --- Where the map looks ----------------------------------------------------------------------------------------------

function look() {
  const { map, data } = carte;
  const still = { animate: false };
  carte.touched = false;
  carte.section.querySelector("[data-chercher-ici]").hidden = true;
  if (data.zone) {
    const [south, west, north, east] = data.zone;
    // A hair inside: rounded, the zone is no longer the exact rectangle of a zoom, and would be shown one step further.
    return map.fitBounds(window.L.latLngBounds([south, west], [north, east]).pad(-0.03), still);
  }
  const seen = points(data);
  if (!seen.length) return;
  const key = carte.section.querySelector(".ror-map-key").offsetHeight; // it hides no marker
  map.fitBounds(seen, { ...still, maxZoom: CLOSEST, paddingTopLeft: [40, 64], paddingBottomRight: [40, key + 24] });
}

function points({ features, origine }) {
  const found = features.map(({ geometry: { coordinates: [longitude, latitude] } }) => [latitude, longitude]);
  return origine ? [...found, [origine.latitude, origine.longitude]] : found;
}

function zone() {
  const bounds = carte.map.getBounds();
  const within = (value, limit) => Math.max(-limit, Math.min(limit, value)).toFixed(4);
  return [
    within(bounds.getSouth(), 90), within(bounds.getWest(), 180), within(bounds.getNorth(), 90), within(bounds.getEast(), 180),
  ].join(",");
}

function searchHere(event) {
  const address = new URL(carte.section.dataset.recherche, location.href);
  address.searchParams.set("zone", zone());
  carte.here = true;
  if (window.htmx) window.htmx.ajax("GET", address.pathname + address.search, { source: event.currentTarget, target: "#resultats" });
  else location.assign(address);
}

// --- The page ---------------------------------------------------------------------------------------------------------

// The session is over: log in, then come back to this page and not to its data.
function logIn(login) {
  const address = new URL(login, location.href);
  address.searchParams.set("next", location.pathname + location.search);
  location.assign(address);
}

async function load(section) {
  carte.request?.abort();
  carte.request = new AbortController();
  const options = { headers: { Accept: "application/json" }, signal: carte.request.signal };
  try {
    const response = await fetch(section.dataset.url, options);
    const data = await response.json();
    if (response.status === 401) return logIn(data.connexion);
    if (!response.ok) return fail(section);
    carte.data = data;
  } catch (error) {
    if (error.name !== "AbortError") fail(section);
    return;
  }
  const { data, here } = carte;
  carte.here = false;
  if (!here) look(); // after « Rechercher dans cette zone » the map stays where it is
  carte.touched = false;
  carte.names.show(data.communes, points(data));
  carte.markers.show(data.features, data.origine);
  carte.element.dataset.prete = String(data.features.length);
  if (here && document.activeElement === document.body) carte.element.focus({ preventScroll: true });
}

function mount(section) {
  section.dataset.ready = "";
  const element = section.querySelector("#carte-fond");
  if (!window.L) return fail(section);
  if (carte?.element !== element) carte = create(section, element);
  carte.section = section;
  carte.selected = null;
  carte.card = makeCard(section, { onClose: close });
  carte.map.invalidateSize({ animate: false });
  section.querySelector("[data-outils]").hidden = false;
  section.querySelector("[data-chercher-ici]").addEventListener("click", searchHere);
  section.querySelector("[data-recentrer]").addEventListener("click", look);
  for (const button of section.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => {
      carte.touched = true;
      carte.map.setZoom(carte.map.getZoom() + Number(button.dataset.zoom), { animate: !calm });
    });
  }
  document.querySelectorAll(".ror-map-list li[data-eg]").forEach(enrich);
  load(section);
}

function prepare() {
  const section = document.querySelector("[data-carte]:not([data-ready])");
  if (section) mount(section);
}

prepare();
document.addEventListener("htmx:afterSettle", prepare);
