/** The languages of the page: that of the run stands there, the others are kept packed until they are asked for. */
(() => {
  const languages = JSON.parse(document.getElementById("languages").textContent);
  const root = document.getElementById("page");
  const first = document.documentElement.lang;
  const written = { [first]: root.innerHTML };
  const faces = [...new Set([...written[first].matchAll(/src="(data:[^"]*)"/g)].map((found) => found[1]))];

  /** Return the page in a language; its faces are those of the first one. */
  async function page(language) {
    written[language] ??= (await unpacked(`page-${language}`)).replace(/"face:(\d+)"/g, (_all, k) => `"${faces[k]}"`);
    return written[language];
  }

  const all = (selector) => [...root.querySelectorAll(selector)];
  const fields = () => all("input, select");
  const chosen = (field) => (field.type === "radio" ? "checked" : field.tagName === "SELECT" ? "selectedIndex" : "value");
  const heads = () => all("th[aria-sort]");
  const marks = () => all("h1, h2, h3, h4, summary, p, tr, figure");
  /** Return what a reader did: the place on the page, and what is open, chosen and sorted, each by its number. */
  function state() {
    const place = marks().findIndex((one) => one.getBoundingClientRect().bottom > 0);
    return {
      place,
      offset: marks()[place]?.getBoundingClientRect().top,
      open: all("details").map((block) => block.open),
      fields: fields().map((field) => field[chosen(field)]),
      sorted: heads().map((head) => ["none", "ascending", "descending"].indexOf(head.getAttribute("aria-sort"))),
    };
  }
  function restore(before) {
    // A block that was made may hold others, which are only there then.
    for (let k = 0; k < all("details").length; k++) {
      const block = all("details")[k];
      if (block.open !== before.open[k]) block.open = before.open[k];
      if (block.open) unfold(block);
    }
    fields().forEach((field, k) => {
      const name = chosen(field);
      if (field[name] === before.fields[k]) return;
      field[name] = before.fields[k];
      ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));
    });
    heads().forEach((head, k) => {
      for (let times = before.sorted[k]; times > 0; times--) head.querySelector("button").click();
    });
    const place = marks()[before.place];
    if (place) window.scrollBy({ top: place.getBoundingClientRect().top - before.offset, behavior: "instant" });
  }

  async function change(language) {
    const text = await page(language);
    const before = state();
    document.documentElement.lang = language;
    root.innerHTML = text;
    start();
    restore(before);
    root.querySelector(`.languages [lang="${language}"]`).focus({ preventScroll: true });
  }

  function showLanguages() {
    const names = Object.entries(languages);
    if (names.length < 2) return;
    const group = document.createElement("div");
    group.className = "languages";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", wordsOf().language);
    names.forEach(([language, name]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.lang = language;
      button.textContent = name;
      button.setAttribute("aria-pressed", String(language === document.documentElement.lang));
      button.addEventListener("click", () => change(language));
      group.append(button);
    });
    root.querySelector("header").prepend(group);
  }
  function start() {
    showLanguages();
    startTables();
    startExplorer();
    startCharts();
  }
  start();
})();
