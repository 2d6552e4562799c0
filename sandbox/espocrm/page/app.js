"use strict";
// Keeps the page up to date and wires what stands in index.html.

function busy(id) {
  return byId(id).contains(document.activeElement) && document.activeElement.matches("input, select");
}

function renderHead() {
  document.documentElement.lang = ui.lang;
  document.querySelectorAll("[data-text]").forEach((node) => { node.textContent = t()[node.dataset.text]; });
  document.querySelectorAll("[data-placeholder]").forEach((node) => { node.placeholder = t()[node.dataset.placeholder]; });
  document.querySelectorAll("[data-lang]").forEach((node) => node.setAttribute("aria-pressed", String(node.dataset.lang === ui.lang)));
  byId("version").textContent = ui.state.version;
  if (document.activeElement !== byId("speed")) {
    const speed = String(ui.state.speed);
    if (![...byId("speed").options].some((option) => option.value === speed)) {
      byId("speed").append(el("option", { value: speed, textContent: `×${speed}` }));
    }
    byId("speed").value = speed;
  }
  const person = byId("person");
  if (!person.options.length) {
    person.append(...ui.state.users.map((user) => el("option", { value: user.userName, textContent: user.name })));
    person.value = "anna";
  }
}

function render() {
  renderHead();
  if (!busy("leads")) renderLeads();
  renderLogs();
  if (!busy("faults")) renderFaults();
}

async function refresh() {
  let state = null;
  try {
    state = await call("GET", `state?since=${ui.revision}`);
  } catch {
    return;
  }
  if (!state) return;
  ui.state = state;
  ui.revision = state.revision;
  ui.seenAt = performance.now();
  render();
}

function tick() {
  if (!ui.state) return;
  const base = Date.parse(`${ui.state.now.replace(" ", "T")}Z`);
  const now = new Date(base + (performance.now() - ui.seenAt) * ui.state.speed);
  byId("clock").textContent = `${now.toISOString().slice(11, 19)} UTC`;
}

function setLanguage(lang) {
  ui.lang = lang;
  localStorage.setItem("espo-lang", lang);
  render();
}

document.querySelectorAll("[data-lang]").forEach((node) => node.addEventListener("click", () => setLanguage(node.dataset.lang)));
byId("search").addEventListener("input", renderLeads);
byId("deliver").addEventListener("click", async () => {
  const answer = await call("POST", "deliver", { force: true });
  toast(t().sent(answer.sent));
  await refresh();
});
byId("heal").addEventListener("click", async () => { await call("DELETE", "faults"); await refresh(); });
byId("speed").addEventListener("change", async (event) => {
  await call("POST", "clock", { speed: Number(event.target.value) });
  event.target.blur();
  ui.revision = "";
  await refresh();
});
byId("reset").addEventListener("click", async () => {
  if (!window.confirm(t().resetAsk)) return;
  await call("POST", "reset");
  await refresh();
});
window.addEventListener("hashchange", renderLeads);
refresh();
setInterval(refresh, 1000);
setInterval(tick, 250);
