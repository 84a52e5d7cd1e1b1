"use strict";
/* Live rows, drag-and-drop and camera, with progress. Without this script the form still works. */
(() => {
  const rows = document.getElementById("rows");
  let wait = 1500;
  async function refresh() {
    if (!document.hidden && !rows.querySelector(":focus, details[open]")) {
      try {
        const answer = await fetch(rows.dataset.url, { credentials: "same-origin", headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) {
          const text = await answer.text();
          if (text !== rows.dataset.last) { rows.innerHTML = text; rows.dataset.last = text; }
          const moving = document.getElementById("moving");
          wait = moving && moving.dataset.moving === "1" ? 1000 : 4000;
        } else { wait = 15000; }
      } catch { wait = 10000; }
    }
    setTimeout(refresh, wait);
  }
  setTimeout(refresh, wait);

  const form = document.getElementById("drop");
  if (!form) { return; }
  const progress = document.getElementById("progress");
  const shots = document.getElementById("shots");
  const actions = document.getElementById("shot-actions");
  const taken = [];

  function send(files, together) {
    if (!files.length) { return; }
    const data = new FormData();
    data.append("csrf", yihu.csrf);
    if (together) { data.append("together", "1"); }
    for (const file of files) { data.append("files", file, file.webkitRelativePath || file.name); }
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRF-Token", yihu.csrf);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) { progress.value = 100 * event.loaded / event.total; }
    });
    request.addEventListener("loadend", () => {
      progress.hidden = true;
      const good = request.status >= 200 && request.status < 300;
      let words = good ? form.dataset.sent : form.dataset.failed;
      if (!good) { try { words = JSON.parse(request.responseText).message || words; } catch { /* none */ } }
      yihu.say(words, !good);
      if (good) { clear(); wait = 300; }
    });
    progress.value = 0;
    progress.hidden = false;
    yihu.say(form.dataset.sending);
    request.send(data);
  }
  function clear() {
    taken.length = 0;
    for (const image of shots.querySelectorAll("img")) { URL.revokeObjectURL(image.src); }
    shots.replaceChildren();
    shots.hidden = actions.hidden = true;
    form.reset();
  }
  document.getElementById("files").addEventListener("change", (event) => {
    send([...event.target.files], document.getElementById("together").checked);
  });
  document.getElementById("camera").addEventListener("change", (event) => {
    for (const file of event.target.files) {
      taken.push(file);
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = String(taken.length);
      item.append(image);
      shots.append(item);
    }
    event.target.value = "";
    shots.hidden = actions.hidden = !taken.length;
  });
  document.getElementById("send-shots").addEventListener("click", () => send(taken, taken.length > 1));
  document.getElementById("clear-shots").addEventListener("click", clear);
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) { form.classList.remove("over"); } });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    send([...event.dataTransfer.files], document.getElementById("together").checked);
  });
})();
