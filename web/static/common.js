"use strict";
/* What every page has: the mark that scripts run, select-all, and a word at the foot of the page. */
document.body.classList.add("js");
const yihu = {
  csrf: (document.querySelector("meta[name=csrf]") || {}).content || "",
  say(text, bad) {
    const toast = document.getElementById("toast");
    toast.textContent = text;
    toast.classList.toggle("bad", Boolean(bad));
    toast.hidden = false;
    clearTimeout(yihu.timer);
    yihu.timer = setTimeout(() => { toast.hidden = true; }, bad ? 8000 : 2500);
  },
  async post(url, form) {
    const body = form instanceof FormData ? new URLSearchParams(form) : new URLSearchParams(form || {});
    const answer = await fetch(url, {
      method: "POST", body, credentials: "same-origin", redirect: "follow",
      headers: { "X-CSRF-Token": yihu.csrf, Accept: "application/json" },
    });
    let data = {};
    try { data = await answer.json(); } catch { /* no words came with it */ }
    if (answer.status === 401) { location.reload(); }
    return { ok: answer.ok, status: answer.status, data };
  },
};
window.yihu = yihu;
for (const box of document.querySelectorAll("[data-all]")) {
  box.addEventListener("change", () => {
    for (const one of box.form.querySelectorAll(`input[name="${box.dataset.all}"]:not(:disabled)`)) { one.checked = box.checked; }
  });
}
