"use strict";
/* The page image: zoom, drag, turn, next page, evidence boxes. Works on whatever sheet is in the document. */
(() => {
  const state = { zoom: 1, turn: 0, boxes: true };
  const ITEMS = ".evidence li[data-page], .fields a[data-page], .why-line a[data-page]";
  const sheet = () => document.querySelector(".sheet");
  const paper = () => document.querySelector(".paper");
  function lay() {
    const one = paper();
    if (!one) { return; }
    const sideways = state.turn % 180 !== 0;
    const image = one.querySelector("img");
    one.style.width = state.zoom === 1 ? "" : `${Math.round(state.zoom * 100)}%`;
    one.style.maxWidth = state.zoom === 1 ? "" : "none";
    one.style.transform = state.turn ? `rotate(${state.turn}deg)${sideways ? ` scale(${Math.min(1, image.width / Math.max(1, image.height))})` : ""}` : "";
    sheet().classList.toggle("no-boxes", !state.boxes);
    const button = sheet().querySelector("[data-tool=boxes]");
    if (button) { button.setAttribute("aria-pressed", String(state.boxes)); }
    if (state.zoom > 1.5 && !image.dataset.fine) {
      image.dataset.fine = "1";
      const fine = new Image();
      const url = new URL(image.src);
      url.searchParams.set("side", "2600");
      fine.addEventListener("load", () => { image.src = fine.src; });
      fine.src = url.href;
    }
  }
  const tools = {
    in: () => { state.zoom = Math.min(5, state.zoom * 1.3); },
    out: () => { state.zoom = Math.max(.4, state.zoom / 1.3); },
    fit: () => { state.zoom = 1; state.turn = 0; },
    turn: () => { const form = document.querySelector("form[data-turn]"); if (form) { form.requestSubmit(); } else { state.turn = (state.turn + 90) % 360; } },
    boxes: () => { state.boxes = !state.boxes; },
    uncover: () => { const it = document.querySelector(".uncover"); if (it) { it.open = true; it.querySelector("input[name=reason]").focus(); } },
  };
  async function page(number) {
    const now = sheet();
    if (number < Number(now.dataset.first) || number > Number(now.dataset.last)) { return; }
    const url = new URL(location.href);
    url.searchParams.set("at", number);
    if (document.getElementById("desk")) { url.searchParams.set("part", "1"); url.searchParams.set("peek", "1"); url.pathname = `/review/desk/${now.dataset.document}`; url.searchParams.delete("done"); url.searchParams.delete("problem"); }
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok) { return; }
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    now.replaceWith(made.querySelector(".sheet"));
    const split = document.querySelector("[data-verb=split]");
    for (const input of document.querySelectorAll("[data-verb] input[name=page]")) { input.value = number; }
    if (split) { split.hidden = number <= Number(now.dataset.first); }
    state.zoom = 1; state.turn = 0;
    lay();
    const mark = document.querySelector(".strip [aria-current]");
    if (mark) { mark.scrollIntoView({ block: "nearest", inline: "nearest" }); }
  }
  yihu.sheet = {
    do(name) { if (tools[name]) { tools[name](); lay(); } },
    step(by) { page(Number(sheet().dataset.at) + by); },
    reset() { state.zoom = 1; state.turn = 0; lay(); },
    page,
  };
  document.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-tool]");
    if (tool && tool.dataset.tool === "back") { event.preventDefault(); yihu.sheet.step(-1); }
    else if (tool && tool.dataset.tool === "on") { event.preventDefault(); yihu.sheet.step(1); }
    else if (tool && tool.dataset.tool !== "uncover") { yihu.sheet.do(tool.dataset.tool); }
    const strip = event.target.closest(".strip a");
    if (strip) { event.preventDefault(); page(Number(strip.dataset.page)); }
    const item = event.target.closest(ITEMS);
    if (item) { event.preventDefault(); if (item.dataset.page !== sheet().dataset.at) { page(Number(item.dataset.page)).then(() => light(item.dataset.n)); } else { light(item.dataset.n); } }
  });
  function light(n) {
    for (const box of document.querySelectorAll(".box")) { box.classList.toggle("lit", box.dataset.n === n); }
    const lit = document.querySelector(".box.lit");
    if (lit) { lit.scrollIntoView({ block: "center", inline: "center" }); }
  }
  document.addEventListener("mouseover", (event) => {
    const item = event.target.closest(".evidence li[data-n], .fields a[data-n], .why-line a[data-n]");
    if (item) { for (const box of document.querySelectorAll(".box")) { box.classList.toggle("lit", box.dataset.n === item.dataset.n); } }
  });
  let turning = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-turn]")) { return; }
    event.preventDefault();
    if (turning) { return; }
    turning = true;
    try {
      const answer = await yihu.post(form.action, new FormData(form));
      if (answer.ok) { await page(Number(sheet().dataset.at)); } else { yihu.say(answer.data.message || form.dataset.failed, true); }
    } catch { yihu.say(form.dataset.failed, true); } finally { turning = false; }
  });
  let drag = null;
  document.addEventListener("pointerdown", (event) => {
    const canvas = event.target.closest(".canvas");
    if (!canvas || event.button || event.pointerType === "touch") { return; }
    drag = { canvas, x: event.clientX, y: event.clientY, left: canvas.scrollLeft, top: canvas.scrollTop };
    canvas.classList.add("drag");
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) { return; }
    drag.canvas.scrollLeft = drag.left - (event.clientX - drag.x);
    drag.canvas.scrollTop = drag.top - (event.clientY - drag.y);
  });
  document.addEventListener("pointerup", () => { if (drag) { drag.canvas.classList.remove("drag"); drag = null; } });
  document.addEventListener("wheel", (event) => {
    if (event.ctrlKey && event.target.closest(".canvas")) { event.preventDefault(); yihu.sheet.do(event.deltaY < 0 ? "in" : "out"); }
  }, { passive: false });
  if (!document.getElementById("desk")) {
    document.addEventListener("keydown", (event) => {
      if (event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey) { return; }
      const name = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "turn", b: "boxes", u: "uncover" }[event.key.toLowerCase()];
      if (name) { event.preventDefault(); yihu.sheet.do(name); }
      if (event.key === "[") { yihu.sheet.step(-1); }
      if (event.key === "]") { yihu.sheet.step(1); }
    });
  }
})();
