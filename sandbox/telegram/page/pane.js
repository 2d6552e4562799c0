// One person's chat: header, messages, reply keyboard, composer. It follows the server by versions.
import { attachMenu, sendFile } from "./attach.js";
import { bubble } from "./bubbles.js";
import { alertBox, ask, popup, toast } from "./dialogs.js";
import { avatar, el, fullName, get, icon, post } from "./dom.js";
import { payloadOf, payloadTyped } from "./links.js";
import { t } from "./texts.js";

// A little beyond the 5 seconds a chat action lasts.
const ACTION_MS = 5200;

const SHOWN = 300;

const iconButton = (name, label, onclick, testid, extra = "") =>
  el("button", { class: `icon ${extra}`, title: label, "aria-label": label, onclick, testid }, icon(name));

export class Pane {
  // host: {person(id), bot, close(pane), follow(payload, from)} — what the page around knows
  constructor(personId, chatId, host) {
    Object.assign(this, { personId, chatId, host, shown: new Map(), view: null, replyTo: null, busy: false, again: false });
    this.build();
  }

  get key() { return `${this.personId}:${this.chatId}`; }
  get private() { return this.personId === this.chatId; }

  build() {
    const id = this.chatId;
    this.header = el("header", { class: "pane-head" });
    this.list = el("div", { class: "messages", testid: "messages", role: "log", "aria-live": "polite" });
    this.typing = el("div", { class: "typing", testid: "typing", hidden: true });
    this.toasts = el("div", { class: "toasts" });
    this.keys = el("div", { class: "reply-keys", testid: "reply-keyboard", hidden: true });
    this.input = el("textarea", { rows: 1, testid: `composer-${this.personId}`, maxlength: 4096,
      oninput: () => this.grow(), onkeydown: (event) => this.onKey(event) });
    this.file = el("input", { type: "file", hidden: true, testid: `file-${this.personId}`, onchange: () => sendFile(this) });
    this.foot = el("footer", { class: "composer" });
    this.node = el("section", { class: "pane", testid: `pane-${this.personId}`, data: { chat: id } },
      this.header, el("div", { class: "wall" }, this.list, this.toasts), this.typing, this.keys, this.foot, this.file);
    // A picture gets its height when it has arrived.
    this.list.addEventListener("load", () => { if (this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 400) this.toEnd(); }, true);
    // Whoever reads the newest message goes on seeing it when the window or the keyboard takes room.
    this.list.addEventListener("scroll", () => { this.atNewest = this.atEnd(); });
    new ResizeObserver(() => { if (this.atNewest) this.toEnd(); }).observe(this.list);
    this.node.addEventListener("focusin", () => this.seen());
  }

  // Words of the page may have changed: draw everything anew.
  redraw() { this.shown.clear(); this.list.replaceChildren(); if (this.view) this.draw(); }

  async refresh() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try {
      do {
        this.again = false;
        this.view = await get(`/${this.personId}/messages?chat=${this.chatId}&last=${SHOWN}`);
        this.draw();
      } while (this.again);
    } finally { this.busy = false; }
    if (document.visibilityState === "visible") this.seen();
  }

  seen() { if (this.view?.unread) { this.view.unread = 0; post(`/${this.personId}/read`, { chat: this.chatId }); } }

  draw() {
    const newest = this.view.messages.at(-1)?.message_id;
    const follow = this.atEnd() || newest !== this.newest;
    this.newest = newest;
    this.drawHeader();
    this.drawMessages();
    this.drawTyping();
    this.drawKeyboard();
    this.drawFoot();
    if (follow) this.toEnd();
  }

  atEnd() { return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60; }

  toEnd() { this.list.scrollTop = this.list.scrollHeight; }

  drawHeader() {
    const person = this.host.person(this.personId);
    const name = person ? fullName(person) : "";
    const title = this.private ? this.host.bot.first_name : this.view.chat.title;
    this.header.replaceChildren(
      iconButton("back", t("back"), () => this.host.close(this), "back", "narrow-only"),
      avatar(name, this.personId),
      el("div", { class: "pane-title" }, el("b", {}, name),
        el("span", { testid: "pane-status" }, this.view.blocked ? t("blocked") : title)),
      iconButton("dots", t("more"), (event) => this.menu(event.currentTarget), `more-${this.personId}`),
      iconButton("close", t("close"), () => this.host.close(this), `close-${this.personId}`, "wide-only"));
  }

  menu(anchor) {
    const block = this.view.blocked ? ["unblock", t("unblock")] : ["block", t("block")];
    popup(anchor, [
      [t("deepLink"), () => this.deepLink(), "deep-link"],
      [block[1], () => this.act(block[0], {}), block[0]],
    ]);
  }

  async deepLink() {
    const values = await ask(t("deepLink"), [{ name: "payload", label: t("payload") }], t("start"));
    if (values) this.act("start", { payload: payloadTyped(values.payload, this.host.bot.username) });
  }

  drawMessages() {
    const { messages } = this.view;
    const alive = new Set(messages.map((message) => message.message_id));
    for (const [id, old] of this.shown) if (!alive.has(id)) { old.node.remove(); this.shown.delete(id); }
    this.list.querySelector(".empty")?.remove();
    for (const message of messages) this.place(message);
    if (!messages.length) this.list.append(this.emptyCard());
  }

  place(message) {
    const old = this.shown.get(message.message_id);
    if (old?.version === message.version) return;
    const node = bubble(message, this.personId, !this.private, {
      act: (name, body) => this.act(name, body),
      press: (...pressed) => this.press(...pressed),
      menu: (target, event) => this.messageMenu(target, event),
      copy: (copied) => this.copy(copied),
    });
    if (old) { node.classList.add("changed"); old.node.replaceWith(node); } else this.list.append(node);
    this.shown.set(message.message_id, { version: message.version, node });
  }

  emptyCard() {
    const about = this.view.description;
    return el("div", { class: "empty" }, about ? el("b", {}, t("whatCanItDo")) : null, el("p", {}, about || t("noMessages")));
  }

  messageMenu(message, event) {
    event.preventDefault();
    const own = message.from.id === this.personId;
    const items = [[t("reply"), () => { this.replyTo = message; this.drawFoot(); this.input.focus(); }, "reply"],
      [t("forward"), () => this.act("forward", { message_id: message.message_id, from_chat: this.chatId }), "forward-this"]];
    if (own && message.text) items.push([t("edit"), () => this.editOwn(message), "edit-own"]);
    items.push([t("remove"), () => this.act("delete", { message_id: message.message_id }), "delete-this"]);
    popup({ left: event.clientX, top: event.clientY, bottom: event.clientY }, items);
  }

  async editOwn(message) {
    const values = await ask(t("edit"), [{ name: "text", label: t("text"), value: message.text, required: true }], t("ok"));
    if (values) this.act("edit", { message_id: message.message_id, text: values.text });
  }

  drawTyping() {
    const { action } = this.view;
    this.typing.hidden = !action;
    if (!action) return;
    this.typing.replaceChildren(el("i"), el("i"), el("i"), ` ${t(action) === action ? t("typing") : t(action)}…`);
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => this.refresh(), ACTION_MS);
  }

  drawKeyboard() {
    const { keyboard, started, blocked } = this.view;
    const state = JSON.stringify([keyboard, started, blocked]);
    if (state === this.keyboardState) return;
    this.keyboardState = state;
    const visible = keyboard && !keyboard.collapsed && started && !blocked;
    this.keys.hidden = !visible;
    this.keys.classList.toggle("tall", Boolean(visible && !keyboard.resize_keyboard));
    const rows = visible ? keyboard.keyboard : [];
    this.keys.replaceChildren(...rows.map((buttons, row) => el("div", { class: "keys" }, buttons.map((button, column) =>
      el("button", { class: "reply-key", testid: "reply-key", onclick: () => this.pressKey(button, row, column) },
        button.text ?? button)))));
  }

  async pressKey(button, row, column) {
    if (button.request_contact && !(await ask(t("shareAsk"), [], t("share")))) return;
    this.act("key", { row, column });
  }

  drawFoot() {
    const { started, blocked, keyboard, commands } = this.view;
    const state = JSON.stringify([started, blocked, Boolean(keyboard), commands.length, this.replyTo?.message_id, t("send")]);
    if (state === this.footState) return;
    this.footState = state;
    if (this.private && (!started || blocked)) {
      const label = blocked ? t("restart") : t("start");
      this.foot.replaceChildren(el("button", { class: "big-start", testid: `start-${this.personId}`,
        onclick: () => this.act("start", {}) }, label));
      return;
    }
    this.input.placeholder = t("message");
    this.input.setAttribute("aria-label", t("message"));
    this.foot.replaceChildren(...[
      this.replyTo ? this.replyBar() : null,
      commands.length ? el("button", { class: "menu-button", testid: `commands-${this.personId}`,
        onclick: (event) => this.commandsMenu(event.currentTarget) }, t("menu")) : null,
      iconButton("clip", t("attach"), (event) => attachMenu(this, event.currentTarget), `attach-${this.personId}`),
      this.input,
      keyboard ? iconButton("keys", t("keyboard"), () => this.act("collapse", {}), `toggle-keys-${this.personId}`) : null,
      iconButton("send", t("send"), () => this.say(), `send-${this.personId}`, "send"),
    ].filter(Boolean));
  }

  replyBar() {
    return el("div", { class: "reply-bar" }, el("span", {}, `${t("reply")}: ${this.replyTo.text || this.replyTo.caption || "…"}`),
      iconButton("close", t("cancel"), () => { this.replyTo = null; this.drawFoot(); }, "reply-cancel"));
  }

  commandsMenu(anchor) {
    popup(anchor, this.view.commands.map(({ command, description }) =>
      [el("span", { class: "command-item" }, el("b", {}, `/${command}`), el("span", {}, description)),
        () => this.act("say", { text: `/${command}` }), "command-item"]));
  }

  onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.say(); }
  }

  grow() { this.input.style.height = "auto"; this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`; }

  clear() { this.input.value = ""; this.replyTo = null; this.grow(); this.drawFoot(); }

  async say() {
    const text = this.input.value.trim();
    if (!text) return;
    const reply = this.replyTo ? { reply_to: this.replyTo.message_id } : {};
    this.clear();
    if (!(await this.act("say", { text, ...reply }))) this.input.value = text;
  }

  // The result, or null when the app would not do it (the reason is shown).
  async act(name, body) {
    try {
      const sent = body instanceof FormData ? body : { ...body, chat: this.chatId };
      return (await post(`/${this.personId}/${name}`, sent)).result;
    } catch (error) { toast(this.toasts, error.message); return null; }
  }

  async press(message, button, row, column, node) {
    if (button.callback_data !== undefined) {
      node.classList.add("waiting");
      const result = await this.act("press", { message_id: message.message_id, row, column });
      if (result) { this.pending = { ...this.pending, [result.query_id]: node }; this.settle(); }
      else node.classList.remove("waiting");
      return;
    }
    if (button.url) this.openLink(button.url);
    if (button.copy_text) this.copy(button.copy_text.text);
  }

  // A link to the bot itself stays on this page: somebody of the people follows it.
  openLink(address) {
    const payload = payloadOf(address, this.host.bot.username);
    if (payload === null) window.open(address, "_blank", "noopener");
    else this.host.follow(payload, this.personId);
  }

  async copy(text) { await navigator.clipboard?.writeText(text); toast(this.toasts, t("copied")); }

  // A callback answer may come before the press itself returns.
  answered(answer) {
    this.answers = { ...this.answers, [answer.query_id]: true };
    this.settle();
    if (answer.text) (answer.show_alert ? alertBox(answer.text) : toast(this.toasts, answer.text));
  }

  settle() {
    for (const id of Object.keys(this.pending || {})) {
      if (this.answers?.[id]) { this.pending[id].classList.remove("waiting"); delete this.pending[id]; }
    }
  }
}
