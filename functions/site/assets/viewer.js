/** Shows an answer's pictures: frames, playing, zoom, pan, and the window. */

import { h } from "./dom.js";

const SOFT_TISSUE = [40, 400];
export const PRESETS = [
  ["File’s own", null],
  ["Brain", [40, 80]],
  ["Lung", [-600, 1500]],
  ["Bone", [300, 1500]],
  ["Soft tissue", SOFT_TISSUE],
];

const FRAME_MS = 1000 / 12;
const MOST_FLAGGED = 12;
const DRAGS = { window: "changes the window", pan: "moves the picture" };

/**
 * `onWindow(window)` is asked for other pictures: [centre, width], or null for the file's own.
 * `drag`: whether dragging on the picture changes the window. `start`: the first frame to show, from 0.
 */
export function createViewer({ presets = PRESETS, onWindow, drag, start = 0, signal }) {
  let pictures = [];
  let warnings = [];
  let frame = start;
  let timer = null;
  let current = null; // the window that was asked for
  let own = null; // the file's
  let place = { x: 0, y: 0, zoom: 1 };
  let tool = drag ? "window" : "pan";

  const picture = h("img", { alt: "", ondragstart: (event) => event.preventDefault() });
  const nothing = h("p", { className: "nothing", hidden: true });
  const corner = h("span", { className: "corner" });
  const counter = h("output", { className: "counter" });
  const busy = h("span", { className: "busy", hidden: true }, "Asking the API…");
  const stage = h(
    "div",
    { className: "stage", tabIndex: 0, role: "group", "aria-label": "Picture. Arrow keys change the frame." },
    picture,
    nothing,
    corner,
    busy,
  );
  const slider = h("input", { type: "range", min: 1, value: 1, "aria-label": "Frame" });
  const play = h("button", { type: "button", className: "icon", "aria-label": "Play" }, "▶");
  const frameWarning = h("p", { className: "warning", hidden: true });
  const flagged = h("div", { className: "row wrap flagged" });
  const buttons = presets.map(([name, window]) =>
    h("button", { type: "button", className: "chip", onclick: () => onWindow(window) }, name),
  );
  const tools = ["window", "pan"].map((name) =>
    h(
      "button",
      { type: "button", className: "chip", title: `Dragging ${DRAGS[name]}`, onclick: () => choose(name) },
      name === "window" ? "Window" : "Move",
    ),
  );
  const zoomButton = (label, text, change) =>
    h("button", { type: "button", className: "icon", "aria-label": label, onclick: change }, text);

  const element = h(
    "div",
    { className: "viewer" },
    stage,
    h("div", { className: "row frames" }, play, slider, counter),
    frameWarning,
    flagged,
    h(
      "div",
      { className: "row wrap" },
      h("div", { className: "row wrap presets", role: "group", "aria-label": "Window" }, buttons),
      h(
        "div",
        { className: "row push tools", role: "group", "aria-label": "Dragging and zoom" },
        drag ? tools : [],
        zoomButton("Zoom out", "−", () => zoom(1 / 1.25)),
        zoomButton("Zoom in", "+", () => zoom(1.25)),
        zoomButton("Fit", "⤢", () => move({ x: 0, y: 0, zoom: 1 })),
      ),
    ),
  );

  function choose(name) {
    tool = name;
    tools.forEach((button, n) => button.setAttribute("aria-pressed", String(["window", "pan"][n] === name)));
    stage.classList.toggle("panning", name === "pan");
  }

  function move(to) {
    place = to;
    picture.style.transform = `translate(${place.x}px, ${place.y}px) scale(${place.zoom})`;
  }

  const tell = (window) => (corner.textContent = window ? `C ${window[0]}  W ${window[1]}` : "");
  const limited = (zoom) => Math.min(Math.max(zoom, 0.25), 16);
  const zoom = (by) => move({ ...place, zoom: limited(place.zoom * by) });

  function go(to) {
    if (!pictures.length) return;
    frame = (to + pictures.length) % pictures.length;
    slider.value = frame + 1;
    slider.setAttribute("aria-valuetext", `${frame + 1} of ${pictures.length}`);
    counter.textContent = `${frame + 1} / ${pictures.length}`;
    const base64 = pictures[frame];
    picture.hidden = !base64;
    nothing.hidden = Boolean(base64);
    nothing.textContent = "This frame can’t be decoded.";
    if (base64) picture.src = `data:image/${format};base64,${base64}`;
    picture.alt = `Frame ${frame + 1} of ${pictures.length}`;
    const here = warnings.filter((warning) => frameOf(warning) === frame + 1);
    frameWarning.hidden = !here.length;
    frameWarning.textContent = here.join(" ");
  }

  /** Of many frames, says which ones have warnings. */
  function flag() {
    const frames = warnings.map(frameOf).filter((number) => number && pictures.length > 1);
    const numbers = [...new Set(frames)];
    const jump = (number) =>
      h("button", { type: "button", className: "chip", "aria-label": `Frame ${number}`, onclick: () => go(number - 1) }, `${number}`);
    const more = numbers.length > MOST_FLAGGED ? `and ${numbers.length - MOST_FLAGGED} more` : "";
    const shown = numbers.slice(0, MOST_FLAGGED).map(jump);
    flagged.replaceChildren(...(shown.length ? ["Frames with warnings:", ...shown, more] : []));
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶";
    play.setAttribute("aria-label", "Play");
  }

  function toggle() {
    if (timer) return stop();
    timer = setInterval(() => go(frame + 1), FRAME_MS);
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "Pause");
  }

  let format = "png";

  function show(answer, window) {
    pictures = answer.Images ?? [];
    warnings = answer.Warnings ?? [];
    format = (answer.ImageFormat ?? "PNG").toLowerCase();
    current = window ?? null;
    own = windowOf(answer);
    slider.max = Math.max(pictures.length, 1);
    element.classList.toggle("single", pictures.length < 2);
    tell(current ?? own);
    buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(same(presets[n][1], current))));
    flag();
    picture.style.filter = "";
    if (pictures.length) go(Math.min(frame, pictures.length - 1));
    else {
      stop();
      picture.hidden = true;
      nothing.hidden = false;
      nothing.textContent = "This file has no pictures.";
      counter.textContent = "";
    }
  }

  // Two fingers zoom, whatever one finger does.
  const fingers = new Map();
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  };
  let pinch = null;
  stage.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) pinch = { spread: spread(), place };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event);
    if (pinch && fingers.size === 2) move({ ...pinch.place, zoom: limited((pinch.place.zoom * spread()) / pinch.spread) });
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) pinch = null;
    });
  }

  // A drag shows about what the window will be; the API gives the pictures once it ends.
  stage.addEventListener("pointerdown", (down) => {
    if (down.button || picture.hidden) return;
    stage.setPointerCapture(down.pointerId);
    const from = { ...place };
    const [centre, width] = current ?? own ?? SOFT_TISSUE;
    const step = Math.max(width / 300, 0.5);
    let asked = null;
    const follow = (event) => {
      if (pinch) return cancel();
      const dx = event.clientX - down.clientX;
      const dy = event.clientY - down.clientY;
      if (tool === "pan") return move({ ...from, x: from.x + dx, y: from.y + dy });
      if (Math.hypot(dx, dy) < 4) return;
      asked = [Math.round(centre - dy * step), Math.max(Math.round(width + dx * step), 1)];
      tell(asked);
      picture.style.filter = `brightness(${1 + (centre - asked[0]) / width}) contrast(${width / asked[1]})`;
    };
    const cancel = () => {
      asked = null;
      picture.style.filter = "";
      tell(current ?? own);
    };
    const finish = () => {
      stage.removeEventListener("pointermove", follow);
      if (asked) onWindow(asked);
    };
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerup", finish, { once: true });
    stage.addEventListener("pointercancel", finish, { once: true });
  });
  stage.addEventListener("dblclick", () => move({ x: 0, y: 0, zoom: 1 }));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
    },
    { passive: false },
  );

  const KEYS = {
    ArrowRight: () => go(frame + 1),
    ArrowDown: () => go(frame + 1),
    ArrowLeft: () => go(frame - 1),
    ArrowUp: () => go(frame - 1),
    Home: () => go(0),
    End: () => go(pictures.length - 1),
    " ": toggle,
    "+": () => zoom(1.25),
    "-": () => zoom(1 / 1.25),
    0: () => move({ x: 0, y: 0, zoom: 1 }),
  };
  stage.addEventListener("keydown", (event) => {
    if (!(event.key in KEYS) || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  slider.addEventListener("input", () => go(Number(slider.value) - 1));
  play.addEventListener("click", toggle);
  signal.addEventListener("abort", stop);
  choose(tool);

  return {
    element,
    show,
    frame: () => frame,
    setBusy(now, text = "Asking the API…") {
      busy.hidden = !now;
      busy.textContent = text;
      if (!now) picture.style.filter = "";
    },
  };
}

/** The number of the frame that a warning is about, from 1; NaN if it is about no frame. */
export function frameOf(warning) {
  return Number(warning.match(/^Frame (\d+)\b/)?.[1]);
}

/** The first window of the file, wherever it is (PS3.3 C.11.2; in functional groups, C.7.6.16.2.10). */
export function windowOf(dataset) {
  const first = (text) => Number(text.replace(/[[\]]/g, "").split(",")[0]);
  if (typeof dataset.WindowCenter === "string" && dataset.WindowWidth) {
    return [first(dataset.WindowCenter), first(dataset.WindowWidth)];
  }
  for (const value of Object.values(dataset)) {
    if (!Array.isArray(value)) continue;
    for (const item of value) {
      const found = typeof item === "object" && item && windowOf(item);
      if (found) return found;
    }
  }
  return null;
}

function same(a, b) {
  return a === b || Boolean(a && b && a[0] === b[0] && a[1] === b[1]);
}
