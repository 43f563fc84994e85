/** How the explorer writes numbers: as the tables of the report do. */
const explorerNumbers = (() => {
  /** Return a number with so many decimals; half a unit goes to the even digit. */
  function fixed(value, digits) {
    const near = value.toFixed(digits);
    const exact = value.toFixed(Math.min(100, digits + 40));
    const cut = exact.length - Math.min(100 - digits, 40);
    const [kept, rest] = [exact.slice(0, cut), exact.slice(cut)];
    return digits > 0 && /^50*$/.test(rest) && "02468".includes(kept.at(-1)) ? kept : near;
  }
  const order = (value) => Math.floor(Math.log10(value));
  function percent(rate) {
    const share = 100 * rate;
    if (share <= 0 || share >= 100) return `${fixed(share, 0)} %`;
    return `${fixed(share, Math.max(2 - order(share), -order(100 - share)))} %`;
  }
  function percentBound(rate) {
    const share = 100 * rate;
    if (share < 1e-6) return "0 %";
    if (100 - share < 1e-6) return "100 %";
    return `${fixed(share, Math.max(1 - order(share), -order(100 - share), 1))} %`;
  }
  function decimal(value) {
    if (value === 0 || value === 1) return fixed(value, 4);
    if (Math.abs(value) > 1) return fixed(value, 2);
    return fixed(value, Math.max(3, 1 - order(Math.min(Math.abs(value), Math.abs(1 - value)))));
  }
  const thresholdText = (value) => String(Number(value.toPrecision(4)));
  const amount = (value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
  return { percent, percentBound, decimal, thresholdText, amount };
})();
