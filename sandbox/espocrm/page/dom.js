"use strict";
// What the whole page shares: its state, building of nodes, requests, short messages. Nodes are built with
// textContent: what leads and webhooks carry is never read as markup.

const byId = (id) => document.getElementById(id);
const ui = { lang: localStorage.getItem("espo-lang") || "ru", state: null, revision: "", open: new Set(), editing: null, drafts: {}, nameDraft: null, scrolledTo: "" };
const t = () => TEXTS[ui.lang];

function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "test") node.dataset.testid = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

async function call(method, path, body) {
  const answer = await fetch(`/sandbox/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const data = await answer.json();
  if (!answer.ok) toast(t().refused(data.error || answer.status), true);
  return data;
}

let toastTimer = 0;
function toast(text, bad = false) {
  const node = byId("toast");
  node.textContent = text;
  node.classList.toggle("bad", bad);
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 2600);
}

const time = (stamp) => (stamp || "").slice(11, 19);
const day = (stamp) => `${stamp.slice(8, 10)}.${stamp.slice(5, 7)}.${stamp.slice(0, 4)} ${stamp.slice(11, 16)}`;
