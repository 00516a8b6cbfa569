// Markers of the establishments, gathered where they are close, and the point distances are counted from.
import { calm } from "./carte-fond.js";

const DROP = '<svg viewBox="0 0 30 38" aria-hidden="true"><path d="M15 37C9.4 28.6 1.5 22 1.5 14.5a13.5 13.5 0 0 1 27 0C28.5 22 20.6 28.6 15 37z"/></svg>';

function drawing(html, text) {
  const span = document.createElement("span");
  span.textContent = text;
  const box = document.createElement("div");
  box.innerHTML = html; // ours, a constant
  box.append(span);
  return box;
}

// `onSelect(id, element)`: a marker was clicked, or Enter was pressed on it. `onHover(id or null)`: the mouse is on it.
export function makeMarkers(map, { onSelect, onHover }) {
  const { L } = window;
  const Named = L.DivIcon.extend({
    createIcon(old) {
      const element = L.DivIcon.prototype.createIcon.call(this, old);
      element.setAttribute("aria-label", this.options.label);
      if (!this.options.isButton) element.setAttribute("role", "img");
      return element;
    },
  });
  const group = L.markerClusterGroup({
    animate: !calm,
    showCoverageOnHover: false,
    maxClusterRadius: 34,
    spiderLegPolylineOptions: { className: "ror-map-leg", weight: 1.5 },
    iconCreateFunction(cluster) {
      const n = cluster.getChildCount();
      const label = `${n} établissements : zoomer`;
      return new Named({ className: "ror-map-cluster", html: drawing("", n), iconSize: [36, 36], label, isButton: true });
    },
  });
  const byId = new Map();
  const states = { "is-active": null, "is-hover": null }; // class → id of the establishment that has it
  let origin = null;

  // A marker inside a cluster lends its state to the cluster. Icons are made again as one zooms: told each time.
  function paint() {
    for (const [state, id] of Object.entries(states)) {
      map.getContainer().querySelectorAll(`.${state}`).forEach((element) => element.classList.remove(state));
      if (byId.has(id)) group.getVisibleParent(byId.get(id))?.getElement()?.classList.add(state);
    }
  }

  const isPress = ({ originalEvent: { key } }) => key === "Enter" || key === " ";
  const choose = ({ layer, originalEvent }) => {
    originalEvent.preventDefault();
    onSelect(layer.feature.id);
  };
  group.on("click", choose);
  group.on("keydown", (event) => isPress(event) && choose(event));
  group.on("clusterkeydown", (event) => {
    if (!isPress(event)) return;
    event.originalEvent.preventDefault();
    if (map.getZoom() === map.getMaxZoom()) event.layer.spiderfy();
    else event.layer.zoomToBounds();
    map.getContainer().focus({ preventScroll: true }); // the cluster that had the focus is gone
  });
  group.on("mouseover", ({ layer }) => onHover(layer.feature.id));
  group.on("mouseout", () => onHover(null));
  group.on("animationend spiderfied unspiderfied", paint);
  map.on("zoomend moveend", paint);
  map.addLayer(group);

  function marker(feature) {
    const { numero, nom, commune } = feature.properties;
    const [longitude, latitude] = feature.geometry.coordinates;
    const icon = new Named({
      className: numero > 99 ? "ror-map-pin is-long" : "ror-map-pin",
      html: drawing(DROP, numero),
      iconSize: [30, 38],
      iconAnchor: [15, 38],
      label: `${numero} : ${nom}, ${commune}`,
      isButton: true,
    });
    const made = L.marker([latitude, longitude], { icon, riseOnHover: true });
    made.feature = feature;
    byId.set(feature.id, made);
    return made;
  }

  return {
    show(features, from) {
      group.clearLayers();
      byId.clear();
      origin?.remove();
      origin = null;
      group.addLayers(features.map(marker));
      if (!from) return;
      const icon = new Named({ className: "ror-map-origin", iconSize: [18, 18], label: `Origine : ${from.nom}` });
      // Under the markers: what counts is what was found there.
      const under = { icon, interactive: false, keyboard: false, zIndexOffset: -10_000 };
      origin = L.marker([from.latitude, from.longitude], under).addTo(map);
    },
    feature: (id) => byId.get(id)?.feature,
    element: (id) => byId.get(id)?.getElement(),
    point: (id) => map.latLngToContainerPoint(byId.get(id).getLatLng()),
    mark(state, id) {
      states[state] = id;
      paint();
    },
    // Zooms until the marker stands alone, then calls `done`.
    reveal(id, done) {
      group.zoomToShowLayer(byId.get(id), () => {
        paint();
        done();
      });
    },
  };
}
