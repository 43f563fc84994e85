"use strict";
const charts = JSON.parse(document.getElementById("charts").textContent);
const places = [...document.querySelectorAll(".chart")];
const scale = () => document.querySelector("#scale input:checked").value;

/** Draw a figure in the view that is switched on, unless it already shows it. */
async function draw(place) {
  const views = charts.figures[place.dataset.figure];
  const view = scale() in views ? scale() : "";
  if (place.dataset.drawn === view) return;
  place.dataset.drawn = view;
  const spec = views[view];
  const names = [spec, ...spec.layer].flatMap((part) => (part.data ? [part.data.name] : []));
  const datasets = Object.fromEntries(names.map((name) => [name, charts.data[name]]));
  try {
    await vegaEmbed(place, { ...spec, datasets }, { actions: false, renderer: "svg" });
  } catch (error) {
    place.textContent = {{ _("This chart could not be drawn; see the folder charts.")|tojson }};
    console.error(error);
  }
}

const seen = new IntersectionObserver(
  (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
  { rootMargin: "600px" },
);
// The Japanese font must be there before text is measured.
document.fonts.ready.then(() => places.forEach((place) => seen.observe(place)));

document.getElementById("scale").addEventListener("change", () => {
  places.filter((place) => "drawn" in place.dataset).forEach(draw);
});
window.addEventListener("beforeprint", () => {
  places.filter((place) => place.offsetWidth > 0).forEach(draw);
});
