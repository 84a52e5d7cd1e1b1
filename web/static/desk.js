"use strict";
/* The review desk by keyboard: decide, and the next document is there, because it was fetched before. */
(() => {
  const desk = document.getElementById("desk");
  const query = () => desk.dataset.query;
  const address = (id, more) => `/review/desk/${id}?${[query(), more].filter(Boolean).join("&")}`;
  const doc = () => document.getElementById("doc");
  const waiting = new Map();
  let busy = false, last = null, beat = 0;

  async function part(id) {
    const answer = await fetch(address(id, "part=1&peek=1"), { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) { return null; }
    const text = await answer.text();
    const image = new DOMParser().parseFromString(text, "text/html").querySelector(".paper img");
    if (image) { const early = new Image(); early.src = image.getAttribute("src"); }
    return text;
  }
  function prefetch() {
    const next = doc() && doc().dataset.next;
    if (next && !waiting.has(next)) { waiting.set(next, part(next).catch(() => null)); }
  }
  async function hold() {
    if (!doc() || doc().dataset.state !== "review") { return true; }
    const answer = await yihu.post(`/review/desk/${doc().dataset.id}/hold`, {});
    if (answer.status === 409) { yihu.say(answer.data.held_by, true); return false; }
    return true;
  }
  async function go(id, push, left) {
    const text = (await (waiting.get(String(id)) || null)) || await part(id);
    waiting.delete(String(id));
    if (!text) { location.href = address(id); return; }
    desk.innerHTML = text;
    if (left !== undefined) { document.getElementById("left").textContent = left; } // it was fetched before
    if (push !== false) { history.pushState({ id }, "", address(id)); }
    ready();
    hold();
  }
  function ready() {
    yihu.combos(desk);
    yihu.sheet.reset();
    const undo = document.querySelector(".undo-bar");
    if (undo) { undo.remove(); }
    prefetch();
    clearInterval(beat);
    beat = setInterval(() => { if (!document.hidden) { hold(); } }, 40000);
  }
  async function send(form, submitter) {
    if (busy) { return; }
    busy = true;
    try {
      const data = new FormData(form);
      if (submitter && submitter.name) { data.set(submitter.name, submitter.value); }
      const id = doc().dataset.id;
      const answer = await yihu.post(form.action, data);
      if (!answer.ok) { yihu.say(answer.data.message || desk.dataset.wordsFailed, true); return; }
      if (answer.data.stay) { yihu.sheet.page(Number(document.querySelector(".sheet").dataset.at)); return; }
      last = id;
      yihu.say(`${desk.dataset.wordsDone} #${id}`);
      if (answer.data.next) { await go(answer.data.next, true, answer.data.left); } else { location.href = `/review?${[query(), `done=${id}`].filter(Boolean).join("&")}`; }
    } catch { yihu.say(desk.dataset.wordsFailed, true); } finally { busy = false; }
  }
  desk.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.verb) { return; }
    event.preventDefault();
    send(form, event.submitter);
  });
  desk.addEventListener("click", (event) => {
    const skip = event.target.closest("#skip");
    if (skip) { event.preventDefault(); go(doc().dataset.next); }
    if (event.target.closest("#show-keys")) { document.getElementById("keys").showModal(); }
  });
  const verb = (name) => {
    const form = desk.querySelector(`[data-verb=${name}]:not([hidden])`);
    if (form && !form.querySelector("button:disabled")) { send(form); }
  };
  async function undo() {
    while (busy) { await new Promise((done) => { setTimeout(done, 50); }); } // a slip is noticed at once
    if (!last) { return; }
    busy = true;
    try {
      const answer = await yihu.post(`/review/desk/${last}/undo`, {});
      if (!answer.ok) { yihu.say(answer.data.message || desk.dataset.wordsFailed, true); return; }
      waiting.clear();
      const id = last;
      last = null;
      await go(id);
    } finally { busy = false; }
  }
  const keys = {
    Enter: () => verb("accept"), h: () => focus("#household"), t: () => focus("#type"),
    n: () => { if (doc().dataset.next) { go(doc().dataset.next); } }, z: undo, d: () => verb("discard"), s: () => verb("split"),
    m: () => verb("merge"), x: () => verb("blank"), g: () => verb("rescan"), u: () => yihu.sheet.do("uncover"),
    "[": () => yihu.sheet.step(-1), "]": () => yihu.sheet.step(1), "+": () => yihu.sheet.do("in"), "=": () => yihu.sheet.do("in"),
    "-": () => yihu.sheet.do("out"), 0: () => yihu.sheet.do("fit"), r: () => yihu.sheet.do("turn"), b: () => yihu.sheet.do("boxes"),
    "?": () => document.getElementById("keys").showModal(),
  };
  function focus(selector) { const input = desk.querySelector(selector); if (input) { input.focus(); input.select(); } }
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) { return; }
    const inField = event.target.closest("input, select, textarea");
    if (event.ctrlKey && event.key === "Enter") { event.preventDefault(); verb("assign"); return; }
    if (event.key === "Escape" && inField) { inField.blur(); return; }
    if (inField || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "Enter" && event.target.closest("a, button, summary")) { return; }
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); act(); }
  });
  window.addEventListener("popstate", () => location.reload());
  const given = document.querySelector(".undo-bar");
  if (given) { last = new URL(location.href).searchParams.get("done"); }
  const bar = given;
  ready();
  if (bar) { document.body.append(bar); }
})();
