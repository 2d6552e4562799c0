// The page: people on the left, their chats on the right, live by one event stream.
import { preview } from "./bubbles.js";
import { ask, languages } from "./dialogs.js";
import { avatar, clockText, el, fullName, get, icon, post } from "./dom.js";
import { whoFollows } from "./links.js";
import { Pane } from "./pane.js";
import { current, t, toggleLanguage } from "./texts.js";

const panes = new Map();
const list = document.getElementById("people-list");
const area = document.getElementById("panes");
let people = [];

const host = {
  bot: { first_name: "", username: "" },
  person: (id) => people.find((person) => person.id === id),
  follow: followLink,
  close(pane) { panes.delete(pane.key); pane.node.remove(); remember(); drawPeople(); },
};

// The open chats stand in the address: #person or #person:group, comma separated.
const opened = () => decodeURIComponent(location.hash.slice(1)).split(",").filter(Boolean)
  .map((part) => part.split(":").map(Number)).map(([person, chat]) => [person, chat ?? person]);

function remember() {
  const parts = [...panes.values()].map((pane) => (pane.private ? pane.personId : pane.key));
  history.replaceState(null, "", parts.length ? `#${parts.join(",")}` : location.pathname);
  document.body.classList.toggle("has-chat", panes.size > 0);
  area.dataset.empty = panes.size ? "" : t("chooseChat");
}

function open(personId, chatId, beside) {
  const key = `${personId}:${chatId}`;
  if (!beside) for (const pane of [...panes.values()]) if (pane.key !== key) { panes.delete(pane.key); pane.node.remove(); }
  if (!panes.has(key)) {
    const pane = new Pane(personId, chatId, host);
    panes.set(key, pane);
    area.append(pane.node);
    pane.refresh();
  }
  remember();
  drawPeople();
}

// Somebody, most likely not who has the link, opens the bot by it; their chat opens beside.
async function followLink(payload, from) {
  const other = people.find((person) => person.id !== from && !person.last) ?? people.find((person) => person.id !== from);
  const id = await whoFollows(people, other?.id ?? from);
  if (!id) return;
  open(id, id, innerWidth > 720);
  await post(`/${id}/start`, { payload });
}

function row(person, chatId, title, subtitle, unread, time) {
  const isOpen = panes.has(`${person.id}:${chatId}`);
  const testid = chatId === person.id ? `person-${person.id}` : `group-${person.id}-${chatId}`;
  return el("div", { class: `person${isOpen ? " open" : ""}`, role: "listitem" },
    el("button", { class: "person-main", testid, onclick: (event) => open(person.id, chatId, event.ctrlKey || event.metaKey) },
      avatar(title, chatId), el("span", { class: "person-text" },
        el("span", { class: "person-top" }, el("b", {}, title), el("time", {}, time)),
        el("span", { class: "person-bottom" }, el("span", { class: "person-last" }, subtitle),
          unread ? el("span", { class: "unread", testid: `unread-${chatId}` }, String(unread)) : null))),
    el("button", { class: "icon beside wide-only", title: t("beside"), "aria-label": t("beside"), testid: `beside-${chatId}`,
      onclick: () => open(person.id, chatId, true) }, icon("split")));
}

function drawPeople() {
  list.replaceChildren(...people.flatMap((person) => [
    row(person, person.id, fullName(person), person.blocked ? t("blocked") : preview(person.last), person.unread,
      person.last ? clockText(person.last.date) : ""),
    ...person.groups.map((group) => row(person, group.id, group.title, fullName(person), group.unread, "")),
  ]));
}

let loading = null;

// Many events at once cost one request, and one more after it.
function loadPeople() {
  loading ??= new Promise((resolve) => { setTimeout(resolve, 30); }).then(async () => {
    loading = null;
    people = (await get("")).people;
    drawPeople();
    for (const pane of panes.values()) if (pane.view) pane.drawHeader();
  });
  return loading;
}

async function addPerson() {
  const values = await ask(t("addPerson"), [
    { name: "first_name", label: t("name"), required: true },
    { name: "language_code", label: t("language"), options: languages(), value: current() },
    { name: "phone", label: t("phone"), value: "" },
  ], t("add"));
  if (!values) return;
  if (!values.phone) delete values.phone;
  const person = await post("", values);
  await loadPeople();
  open(person.id, person.id, false);
}

const ON_EVENT = {
  chat: (event) => {
    loadPeople();
    for (const pane of panes.values()) if (pane.chatId === event.chat) pane.refresh();
  },
  toast: (event) => {
    for (const pane of panes.values()) if (pane.personId === event.person) pane.answered(event.toast);
  },
  people: loadPeople,
  read: loadPeople,
  commands: refreshAll,
  bot: refreshAll,
  hello: refreshAll,
  reset: () => { for (const pane of [...panes.values()]) host.close(pane); loadPeople(); },
};

function refreshAll() {
  loadPeople();
  for (const pane of panes.values()) pane.refresh();
}

function follow() {
  const source = new EventSource("/people/events");
  source.onopen = () => document.body.classList.remove("offline");
  source.onerror = () => document.body.classList.add("offline");
  source.onmessage = ({ data }) => { const event = JSON.parse(data); ON_EVENT[event.kind]?.(event); };
}

function drawWords() {
  document.documentElement.lang = current();
  document.getElementById("people-title").textContent = t("people");
  document.getElementById("language").textContent = t("other");
  document.body.dataset.offline = t("offline");
  const add = document.getElementById("add-person");
  add.title = t("addPerson");
  add.setAttribute("aria-label", t("addPerson"));
  remember();
  drawPeople();
  for (const pane of panes.values()) { pane.footState = pane.keyboardState = null; pane.redraw(); }
}

async function begin() {
  const status = await get("/control/status");
  host.bot = status.bot;
  document.getElementById("bot-name").textContent = status.bot.first_name;
  document.getElementById("bot-username").textContent = `@${status.bot.username}`;
  document.title = `${status.bot.first_name} · Telegram`;
  document.getElementById("links").replaceChildren(...status.links.map(({ title, url }) =>
    el("a", { href: url, target: "_blank", rel: "noopener", class: "chip", testid: "link" }, title, icon("link"))));
  people = (await get("")).people;
  const wanted = opened().filter(([person]) => host.person(person));
  if (!wanted.length && people.length && innerWidth > 720) wanted.push([people[0].id, people[0].id]);
  for (const [person, chat] of wanted) open(person, chat, true);
  drawWords();
  follow();
}

document.getElementById("language").addEventListener("click", () => { toggleLanguage(); drawWords(); });
document.getElementById("add-person").addEventListener("click", addPerson);
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") refreshAll(); });
begin();
