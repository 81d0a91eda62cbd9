// Starts the program; a start that fails is said on the page, where the skeleton still stands.
import init from "/ui.js";

init({ module_or_path: "/ui_bg.wasm" }).catch((error) => {
  const skeleton = document.getElementById("skeleton");
  if (!skeleton) {
    throw error;
  }
  skeleton.removeAttribute("aria-busy");
  skeleton.dataset.failed = "";
  skeleton.lastElementChild.textContent = `MERA could not start: ${error}. Reload the page or update the browser.`;
});
