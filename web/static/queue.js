"use strict";
/* The queue: Z takes back what was decided last, as on the desk. */
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) { return; }
  if (event.target.closest("input, select, textarea")) { return; }
  const undo = document.querySelector(".undo-bar");
  if (undo && event.key.toLowerCase() === "z") { event.preventDefault(); undo.requestSubmit(); }
});
