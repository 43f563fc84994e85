/** The threshold explorer. */
function startExplorer() {
  const root = document.getElementById("explorer");
  if (!root) return;
  const { models } = JSON.parse(document.getElementById("explorer-data").textContent);
  const { explorer: texts, marks } = wordsOf();
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const fields = ["attempts", "prior", "c_miss", "c_false"];
  const allowed = {
    attempts: [(value) => value >= 0, "number"],
    prior: [(value) => value > 0 && value < 1, "share"],
    c_miss: [(value) => value > 0, "amount"],
    c_false: [(value) => value > 0, "amount"],
  };
  const { percent, percentBound, decimal, thresholdText, amount } = explorerNumbers;
  let model, threshold, use;

  /** Return a text with values in its places. */
  const filled = (name, values) => texts[name].replace(/\{(\w+)\}/g, (_place, key) => values[key]);

  const range = ([least, most], write) =>
    write(least) === write(most) ? write(least) : filled("range", { low: write(least), high: write(most) });

  // A cut is a threshold as a float32 similarity: a comparison is accepted where its own is at least that. Scores that
  // were given were rounded to nearest, so their thresholds are too.
  function cutOf(native) {
    const exact = model.sign * native;
    const near = new Float32Array([exact]);
    if (!model.given && near[0] < exact) new Int32Array(near.buffer)[0] += near[0] >= 0 ? 1 : -1;
    return near[0];
  }

  /** Return the shortest number that decides every comparison as a cut does. */
  function nativeOf(cut) {
    const exact = model.sign * cut;
    for (let digits = 1; digits < 10; digits++) {
      const shorter = Number(exact.toPrecision(digits));
      if (cutOf(shorter) === cut) return shorter;
    }
    return exact;
  }

  /** Return the numbers of a rate: each step adds to the one before. */
  function read(rate, cuts, rises) {
    let place = 0, sum = 0;
    const values = rate.k.map((step) => (rate.of === null ? step : (sum += step) / rate.of));
    return {
      rises, values, cuts: rate.at.map((step) => cuts[(place += step)]),
      sureCuts: rate.sure.map(([at]) => cuts[at]), low: rate.sure.map((one) => one[1]), high: rate.sure.map((one) => one[2]),
    };
  }
  for (const one of models) {
    const cuts = one.cuts.map(Math.fround);
    for (const cohort of one.cohorts) {
      if (cohort.all) cohort.name = texts.all;
      if (cohort.fmr) cohort.fmr = read(cohort.fmr, cuts, false);
      if (cohort.fnmr) cohort.fnmr = read(cohort.fnmr, cuts, true);
    }
    for (const pair of one.pairs) pair.fmr = read(pair.fmr, cuts, false);
  }

  /** Return how many of rising numbers are below one. */
  function below(numbers, limit) {
    let [from, to] = [0, numbers.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (numbers[middle] < limit) from = middle + 1;
      else to = middle;
    }
    return from;
  }
  /** Return between what a rate lies at a cut: it never moves back along the cuts. */
  function between(cuts, low, high, cut, rises) {
    const after = below(cuts, cut);
    if (cuts[after] === cut) return [low[after], high[after], true];
    const [lower, upper] = rises ? [after - 1, after] : [after, after - 1];
    return [low[lower] ?? 0, high[upper] ?? 1, false];
  }
  const at = (rate, cut) => between(rate.cuts, rate.values, rate.values, cut, rate.rises);
  const interval = (rate, cut) =>
    rate.sureCuts.length ? between(rate.sureCuts, rate.low, rate.high, cut, rate.rises) : null;

  // Costs: the DCF of NIST, as facegap's metric of that name.
  function weights() {
    const [miss, false_] = [use.c_miss * use.prior, use.c_false * (1 - use.prior)];
    const blind = Math.min(miss, false_);
    return [miss / blind, false_ / blind];
  }
  const measured = () => model.cohorts.filter((cohort) => cohort.fmr && cohort.fnmr);
  const cost = (cohort, cut, end) => {
    const [miss, false_] = weights();
    return miss * at(cohort.fnmr, cut)[end] + false_ * at(cohort.fmr, cut)[end];
  };

  /** Return between what the lowest of the highest costs of some cohorts lies, and the cut where it is surely so low. */
  function lowest(cohorts) {
    const [miss, false_] = weights();
    const cuts = [...new Set(cohorts.flatMap((one) => [...one.fmr.cuts, ...one.fnmr.cuts]))].sort((a, b) => a - b);
    let found = [Infinity, Infinity, null];
    cuts.forEach((cut, k) => {
      const most = Math.max(...cohorts.map((one) => cost(one, cut, 1)));
      if (most <= found[1]) [found[1], found[2]] = [most, cut]; // of equals the strictest
      const next = cuts[k + 1] ?? Infinity;
      const least = cohorts.map((one) => miss * at(one.fnmr, cut)[0] + false_ * at(one.fmr, next)[0]);
      found[0] = Math.min(found[0], Math.max(...least));
    });
    const loosest = Math.max(...cohorts.map((one) => false_ * at(one.fmr, cuts[0])[0]));
    return [Math.min(found[0], loosest, found[1]), found[1], found[2]];
  }

  function element(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    made.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }
  function nameCell(name) {
    const made = element("th", "", { scope: "row", class: "head head0", title: name });
    made.append(element("span", name, { class: "name" }));
    return made;
  }
  /** Return a cell with a number, or the two that it lies between, and its interval under it. */
  function cell(bounds, write, sure, writeSure = write) {
    if (!bounds) return element("td", "–", { class: "muted" });
    const made = element("td", range(bounds, write));
    if (sure) made.append(element("small", `[${writeSure(sure[0])}, ${writeSure(sure[1])}]${sure[2] ? "" : "*"}`));
    return made;
  }
  const times = (bounds, factor) => bounds && [bounds[0] * factor, bounds[1] * factor, bounds[2]];

  function showRates(cut) {
    const [genuine, impostor] = [use.attempts * use.prior, use.attempts * (1 - use.prior)];
    const rows = model.cohorts.map((cohort) => {
      const [fmr, fnmr] = [cohort.fmr && at(cohort.fmr, cut), cohort.fnmr && at(cohort.fnmr, cut)];
      const [ofFmr, ofFnmr] = [cohort.fmr && interval(cohort.fmr, cut), cohort.fnmr && interval(cohort.fnmr, cut)];
      const row = element("tr", "");
      row.append(
        nameCell(cohort.name),
        cell(fmr, percent, ofFmr, percentBound),
        cell(fnmr, percent, ofFnmr, percentBound),
        cell(times(fmr, impostor), amount, times(ofFmr, impostor)),
        cell(times(fnmr, genuine), amount, times(ofFnmr, genuine)),
        cell(fmr && fnmr && [cost(cohort, cut, 0), cost(cohort, cut, 1)], decimal),
      );
      return { row, all: cohort.all, name: cohort.name, fmr, fnmr, sure: [ofFmr, ofFnmr] };
    });
    part("rates").replaceChildren(...rows.map((one) => one.row));
    return rows;
  }

  function showMatrix(cut) {
    part("crossed").hidden = model.matrix.length < 2;
    if (part("crossed").hidden) return [];
    const head = element("tr", "");
    head.append(element("th", texts.cohort, { scope: "col", class: "head head0" }));
    model.matrix.forEach((k) => head.append(element("th", filled("crossed", { cohort: model.cohorts[k].name }), { scope: "col" })));
    part("crossed-head").replaceChildren(head);
    const seen = [];
    const rows = model.matrix.map((k) => {
      const row = element("tr", "");
      row.append(nameCell(model.cohorts[k].name));
      model.matrix.forEach((l) => {
        const pair = model.pairs.find(({ ends }) => ends.includes(k) && ends.includes(l));
        const rate = k === l ? model.cohorts[k].fmr : pair && pair.fmr;
        const [bounds, sure] = rate ? [at(rate, cut), interval(rate, cut)] : [null, null];
        seen.push([bounds, sure]);
        row.append(cell(bounds, percent, sure, percentBound));
      });
      return row;
    });
    part("crossed-rows").replaceChildren(...rows);
    return seen;
  }

  function showBest() {
    const cohorts = measured();
    const apart = cohorts.filter((cohort) => !cohort.all);
    const asked = cohorts.length > 1 ? [["pooled", cohorts.filter((one) => one.all)], ["worst", apart]] : [["pooled", cohorts]];
    const best = asked.filter(([, some]) => some.length).map(([name, some]) => [name, lowest(some)]);
    part("best").replaceChildren(
      ...best.map(([name, [least, most, cut]]) => {
        const row = element("tr", "");
        const place = element("td", "");
        const native = nativeOf(cut);
        const button = element("button", thresholdText(native), { type: "button" });
        button.addEventListener("click", () => go(native));
        place.append(button);
        row.append(element("th", texts[name], { scope: "row", class: "prose" }), cell([least, most], decimal), place);
        return row;
      }),
    );
  }

  /** Say in one sentence what the threshold does at worst. */
  function state(rows) {
    const known = rows.filter((row) => row.fmr && row.fnmr);
    const apart = known.some((row) => !row.all) ? known.filter((row) => !row.all) : known;
    if (!apart.length) return "";
    const worst = (rate) => apart.reduce((one, other) => (other[rate][1] > one[rate][1] ? other : one));
    const [fmr, fnmr] = [worst("fmr"), worst("fnmr")];
    const said = { threshold: thresholdText(threshold), fmr: range(fmr.fmr, percent), fnmr: range(fnmr.fnmr, percent) };
    return filled(apart.length > 1 ? "stated" : "alone", { ...said, fmr_cohort: fmr.name, fnmr_cohort: fnmr.name });
  }

  function show() {
    const cut = cutOf(threshold);
    const rows = showRates(cut);
    const crossed = showMatrix(cut);
    const bounds = [...rows.flatMap((row) => [row.fmr, row.fnmr]), ...crossed.map(([one]) => one)];
    const sure = [...rows.flatMap((row) => row.sure), ...crossed.map(([, one]) => one)];
    part("between").hidden = !bounds.some((one) => one && range(one, percent) !== percent(one[0]));
    part("united").hidden = !sure.some((one) => one && !one[2]);
    part("status").textContent = state(rows);
  }

  /** Go to a native threshold; `from` names the field that it came from, which stays as it is. */
  function go(native, from = "") {
    threshold = native;
    const stops = model.stops;
    const near = stops.reduce((best, stop, k) => (Math.abs(stop - native) < Math.abs(stops[best] - native) ? k : best), 0);
    const [slider, number] = [part("slider"), part("threshold")];
    if (from !== "slider") slider.value = near;
    if (from !== "threshold") number.value = native;
    complain(number, "");
    slider.setAttribute("aria-valuetext", thresholdText(native));
    show();
  }
  function complain(field, text) {
    field.setCustomValidity(text);
    field.setAttribute("aria-invalid", String(text !== ""));
    if (text) part("status").textContent = text;
  }

  function readUse() {
    const now = Object.fromEntries(fields.map((name) => [name, part(name).valueAsNumber]));
    let bad = "";
    fields.forEach((name) => {
      const [fits, text] = allowed[name];
      complain(part(name), fits(now[name]) ? "" : texts[text]);
      bad ||= fits(now[name]) ? "" : texts[text];
    });
    if (bad) return false;
    use = now;
    return true;
  }

  function choose(k) {
    model = models[k];
    part("slider").max = model.stops.length - 1;
    part("marks").replaceChildren(
      ...model.marks.map((native, mark) => {
        const button = element("button", marks[k][mark], { type: "button" });
        button.addEventListener("click", () => go(native));
        return button;
      }),
    );
    showBest();
    go(model.start);
  }

  part("between").textContent = texts.between;
  part("united").textContent = texts.united;
  part("slider").addEventListener("input", () => go(model.stops[part("slider").valueAsNumber], "slider"));
  part("threshold").addEventListener("input", () => {
    const native = part("threshold").valueAsNumber;
    if (Number.isFinite(native)) go(native, "threshold");
    else complain(part("threshold"), texts.number);
  });
  fields.forEach((name) => part(name).addEventListener("input", () => {
    if (!readUse()) return;
    showBest();
    show();
  }));
  part("model")?.addEventListener("change", () => choose(part("model").value));
  readUse();
  choose(0);
  root.hidden = false;
}
