"use strict";
/* Type-ahead for households (asked of the server) and document types (found here). */
(() => {
  let types = null;
  const plain = (text) => text.toLowerCase().replace(/\s+/g, "");
  async function findTypes(text) {
    if (!types) { types = await (await fetch("/review/types", { credentials: "same-origin" })).json(); }
    const wanted = plain(text);
    const score = (type) => {
      let best = 9;
      for (const name of [type.code, type.name, ...type.find]) {
        const known = plain(name);
        if (known === wanted) { best = Math.min(best, 0); }
        else if (known.startsWith(wanted)) { best = Math.min(best, 1); }
        else if (known.includes(wanted)) { best = Math.min(best, 2); }
      }
      return best;
    };
    return types.map((type) => [score(type), type]).filter(([s]) => s < 9).sort((a, b) => a[0] - b[0]).slice(0, 8)
      .map(([, type]) => ({ value: type.code, text: type.name, more: type.category }));
  }
  async function findHouseholds(text) {
    const answer = await fetch(`/households/find?q=${encodeURIComponent(text)}`, { credentials: "same-origin" });
    if (!answer.ok) { return []; }
    return (await answer.json()).map((one) => ({ value: String(one.id), text: `${one.room} ${one.owner}`, more: [one.phone, one.file_no].filter(Boolean).join(" · ") }));
  }
  function combo(input, find, hidden) {
    if (input.dataset.bound) { return; }
    input.dataset.bound = "1";
    const list = document.getElementById(input.getAttribute("aria-controls"));
    let found = [], at = -1, turn = 0, timer = 0;
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); at = -1; };
    const light = (n) => {
      at = n;
      [...list.children].forEach((item, k) => item.setAttribute("aria-selected", String(k === at)));
      if (at >= 0) { input.setAttribute("aria-activedescendant", list.children[at].id); list.children[at].scrollIntoView({ block: "nearest" }); }
    };
    const take = (n) => {
      const one = found[n];
      if (!one) { return; }
      if (input.dataset.go) { location.href = input.dataset.go + one.value; return; }
      input.value = one.text;
      input.dataset.chosen = one.text;
      if (hidden) { hidden.value = one.value; } else { input.dataset.code = one.value; }
      close();
    };
    const show = () => {
      list.replaceChildren(...found.map((one, n) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${n}`;
        item.setAttribute("role", "option");
        item.textContent = one.text;
        if (one.more) { const small = document.createElement("small"); small.textContent = one.more; item.append(small); }
        item.addEventListener("mousedown", (event) => { event.preventDefault(); take(n); });
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(Boolean(found.length)));
      light(found.length ? 0 : -1);
    };
    input.addEventListener("input", () => {
      if (hidden) { hidden.value = ""; } else { delete input.dataset.code; }
      clearTimeout(timer);
      const text = input.value.trim(), mine = ++turn;
      if (!text) { found = []; show(); return; }
      timer = setTimeout(async () => {
        const answer = await find(text);
        if (mine === turn) { found = answer; show(); }
      }, 60);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (found.length) { event.preventDefault(); list.hidden = false; light((at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length); }
      } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !list.hidden && at >= 0) {
        if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); }
        take(at);
      } else if (event.key === "Escape") {
        if (!list.hidden) { event.stopPropagation(); close(); } else { input.blur(); }
      }
    });
    input.addEventListener("blur", close);
  }
  yihu.combos = (root) => {
    const household = root.querySelector("#household"), type = root.querySelector("#type");
    if (household) { combo(household, findHouseholds, root.querySelector("#household_id")); }
    if (type) { combo(type, findTypes, null); }
    for (const form of root.querySelectorAll("form")) {
      if (type && form.contains(type) && !form.dataset.bound) {
        form.dataset.bound = "1";
        form.addEventListener("formdata", (event) => { if (type.dataset.code && type.value === type.dataset.chosen) { event.formData.set("type", type.dataset.code); } });
      }
    }
  };
  yihu.combos(document);
})();
