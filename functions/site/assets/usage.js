/** This month's reads: how much of the quota they are, and the days they were on. */

import { h, svg } from "./dom.js";

const NEARLY = 0.8; // of the quota: the bar turns to the colour of a warning
const HEIGHT = 100; // of the highest bar, in units of the drawing

export function usageChart({ daily_activity: days, monthly_total: total, rateLimit: { quota } }) {
  const now = new Date();
  const inMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate();
  return h(
    "figure",
    { className: "usage" },
    h("figcaption", {}, quota ? againstQuota(total, quota, now) : h("strong", {}, reads(total))),
    total ? [bars(days, inMonth), labels(inMonth)] : h("p", { className: "muted" }, "The days you read files on will show here."),
  );
}

const reads = (count) => `${count.toLocaleString("en")} ${count === 1 ? "read" : "reads"}`;

function againstQuota(total, quota, now) {
  const part = total / quota;
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
  const renewal = first.toLocaleDateString("en-GB", { day: "numeric", month: "long", timeZone: "UTC" });
  const left = Math.max(quota - total, 0);
  const state = part >= 1 ? "full" : part >= NEARLY ? "nearly" : "";
  return [
    h(
      "span",
      { className: "row wrap" },
      h("span", {}, h("strong", {}, reads(total)), ` of ${quota.toLocaleString("en")}`),
      h("b", { className: `push ${state}` }, left ? `${left.toLocaleString("en")} left` : "None left"),
    ),
    h("progress", { className: state, max: quota, value: Math.min(total, quota), "aria-label": "Used part of the quota" }),
    h("small", {}, `The quota is renewed on ${renewal} (UTC).`),
  ];
}

function bars(days, inMonth) {
  const counts = new Map(days.map(({ day, count }) => [Number(day.slice(8, 10)), count]));
  const highest = Math.max(...counts.values());
  const bar = (_, n) => {
    const count = counts.get(n + 1) ?? 0;
    const height = count ? Math.max((count / highest) * HEIGHT, 4) : 1;
    return svg(
      "rect",
      { x: n + 0.15, y: HEIGHT - height, width: 0.7, height, class: count ? "count" : "none" },
      svg("title", {}, `Day ${n + 1}: ${reads(count)}`),
    );
  };
  const busiest = [...counts].find(([, count]) => count === highest)[0];
  return svg(
    "svg",
    {
      viewBox: `0 0 ${inMonth} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `Reads by day. The busiest was day ${busiest}, with ${reads(highest)}.`,
    },
    ...Array.from({ length: inMonth }, bar),
  );
}

function labels(inMonth) {
  const label = (number) => {
    const text = h("span", {}, `${number}`);
    text.style.left = `${((number - 0.5) / inMonth) * 100}%`;
    return text;
  };
  return h("div", { className: "days", "aria-hidden": "true" }, [1, 8, 15, 22, inMonth].map(label));
}
