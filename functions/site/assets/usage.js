/** This month's reads by day, against the quota. */

import { h, svg } from "./dom.js";

const WIDTH = 720;
const HEIGHT = 140;

export function usageChart({ daily_activity: days, monthly_total: total, rateLimit: { quota } }) {
  const now = new Date();
  const inMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
  const counts = new Map(days.map(({ day, count }) => [Number(day.slice(8, 10)), count]));
  const highest = Math.max(1, ...counts.values());
  const step = WIDTH / inMonth;

  const bars = Array.from({ length: inMonth }, (_, n) => {
    const count = counts.get(n + 1) ?? 0;
    const height = count ? Math.max((count / highest) * (HEIGHT - 20), 3) : 1;
    const bar = svg(
      "rect",
      { x: n * step + step * 0.15, y: HEIGHT - height, width: step * 0.7, height, rx: 2, class: count ? "count" : "none" },
      svg("title", {}, `${n + 1}.: ${count}`),
    );
    return bar;
  });
  const labels = [1, 8, 15, 22, inMonth].map((number) =>
    svg("text", { x: (number - 0.5) * step, y: HEIGHT + 26, "text-anchor": "middle" }, `${number}`),
  );
  const reads = `${total} ${total === 1 ? "read" : "reads"}`;
  return h(
    "figure",
    { className: "usage" },
    h(
      "figcaption",
      {},
      h("strong", {}, reads),
      quota ? ` of ${quota}. The quota is renewed on the first of next month (UTC).` : " this month.",
    ),
    quota && h("progress", { max: quota, value: Math.min(total, quota), "aria-label": "Used part of the quota" }),
    svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT + 32}`, role: "img", "aria-label": `Reads by day: ${reads} this month` },
      ...bars,
      ...labels,
    ),
  );
}
