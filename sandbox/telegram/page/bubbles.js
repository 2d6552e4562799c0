// One message as a bubble: formatted text, media, contact, inline keyboard.
import { avatar, clockText, el, fullName, icon, sizeText } from "./dom.js";
import { t } from "./texts.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// Entities nest or stand beside one another; offsets are UTF-16 units, as JavaScript's are.
export function formatted(text, entities, actions) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let at = 0;
  const build = (from, to) => {
    const nodes = [];
    let position = from;
    while (at < sorted.length && sorted[at].offset < to) {
      const entity = sorted[at++];
      const start = Math.max(entity.offset, position);
      const end = Math.min(entity.offset + entity.length, to);
      if (end <= start) continue;
      if (start > position) nodes.push(text.slice(position, start));
      nodes.push(wrap(entity, text.slice(start, end), build(start, end), actions));
      position = end;
    }
    if (position < to) nodes.push(text.slice(position, to));
    return nodes;
  };
  return build(0, text.length);
}

const LINKS = {
  text_link: (entity) => entity.url,
  url: (_, text) => (text.includes("://") ? text : `http://${text}`),
  email: (_, text) => `mailto:${text}`,
  phone_number: (_, text) => `tel:${text.replace(/[^+\d]/g, "")}`,
};

function wrap(entity, text, children, actions) {
  if (entity.type in LINKS) {
    return el("a", { href: LINKS[entity.type](entity, text), target: "_blank", rel: "noopener noreferrer" }, children);
  }
  if (entity.type === "bot_command") {
    return el("a", { href: "#", class: "command", onclick: (event) => { event.preventDefault(); actions.act("say", { text }); } }, children);
  }
  if (entity.type === "spoiler") {
    return el("span", { class: "spoiler", onclick: (event) => event.currentTarget.classList.add("open") }, children);
  }
  if (entity.type === "code") return el("code", { title: t("copy"), onclick: () => actions.copy(text) }, children);
  if (entity.type in TAGS) return el(TAGS[entity.type], {}, children);
  return el("span", { class: "mark" }, children);
}

const fileUrl = (file) => `/people/files/${encodeURIComponent(file.file_id)}`;

function documentRow(file) {
  return el("a", { class: "file", href: fileUrl(file), download: file.file_name || true, testid: "file" },
    el("span", { class: "round" }, icon("file")),
    el("span", { class: "file-text" }, el("b", {}, file.file_name), el("small", {}, sizeText(file.file_size, t("bytes")))));
}

function contactRow(contact) {
  const name = fullName(contact);
  return el("div", { class: "contact", testid: "contact" }, avatar(name, contact.user_id || 3),
    el("span", { class: "file-text" }, el("b", {}, name), el("a", { href: `tel:${contact.phone_number}` }, contact.phone_number)));
}

const MEDIA = {
  photo: (sizes) => el("a", { href: fileUrl(sizes.at(-1)), target: "_blank" },
    el("img", { class: "photo", src: fileUrl(sizes.at(-1)), alt: "", testid: "photo", loading: "lazy" })),
  sticker: (file) => el("span", { class: "sticker", testid: "sticker" }, file.emoji || "🙂"),
  voice: (file) => el("audio", { controls: true, preload: "none", src: fileUrl(file), testid: "voice" }),
  audio: (file) => el("audio", { controls: true, preload: "none", src: fileUrl(file) }),
  video: (file) => documentRow(file),
  animation: (file) => documentRow(file),
  video_note: (file) => el("video", { controls: true, preload: "none", src: fileUrl(file), testid: "video-note" }),
  document: (file) => documentRow(file),
  contact: contactRow,
  venue: (venue) => el("div", { class: "contact" }, el("span", { class: "round" }, icon("pin")),
    el("span", { class: "file-text" }, el("b", {}, venue.title), el("small", {}, venue.address))),
  location: (place) => el("div", { class: "contact", testid: "location" }, el("span", { class: "round" }, icon("pin")),
    el("span", { class: "file-text" }, el("b", {}, t("location")), el("small", {}, `${place.latitude.toFixed(4)}, ${place.longitude.toFixed(4)}`))),
};

function media(message) {
  for (const [kind, build] of Object.entries(MEDIA)) {
    if (message[kind] && !(kind === "document" && message.animation)) return build(message[kind]);
  }
  return null;
}

export function preview(message) {
  if (!message) return "";
  if (message.text || message.caption) return message.text || message.caption;
  const kind = ["contact", "document", "photo", "voice", "sticker", "location"].find((name) => message[name]);
  if (kind === "document") return message.document.file_name;
  return kind ? t({ photo: "photo", voice: "voice", contact: "contact", sticker: "sticker", location: "location" }[kind]) : "";
}

function originName(origin) {
  return origin.sender_user_name || (origin.sender_user && fullName(origin.sender_user)) || origin.chat?.title || "…";
}

function service(message) {
  if (message.pinned_message) return `${message.from.first_name} ${t("pinned")}: ${preview(message.pinned_message)}`;
  if (message.left_chat_member) return `${message.left_chat_member.first_name} ${t("left")}`;
  if (message.forum_topic_created) return `${t("topicCreated")}: ${message.forum_topic_created.name}`;
  return null;
}

function inlineKeyboard(message, press) {
  const rows = message.reply_markup?.inline_keyboard || [];
  if (!rows.length) return null;
  return el("div", { class: "inline", testid: "inline-keyboard" }, rows.map((buttons, row) => el("div", { class: "keys" },
    buttons.map((button, column) => el("button", {
      class: `key ${button.style || ""}`, testid: "inline-button", title: button.url || null,
      data: { data: button.callback_data || "" }, onclick: (event) => press(message, button, row, column, event.currentTarget),
    }, button.text, button.url ? icon("link") : null)))));
}

function meta(message) {
  const edited = message.edit_date ? el("span", { testid: "edited", title: history(message) }, `${t("edited")} `) : null;
  return el("span", { class: "meta" }, edited, clockText(message.date));
}

const history = (message) => message.edits.map((old) => `${clockText(old.edit_date || old.date)} — ${old.text || old.caption || ""}`).join("\n");

function heading(message, isGroup, own) {
  const parts = [];
  if (isGroup && !own) parts.push(el("b", { class: "sender" }, fullName(message.from)));
  if (message.forward_origin) {
    parts.push(el("div", { class: "forwarded" }, `${t("forwardedFrom")} `, el("b", {}, originName(message.forward_origin))));
  }
  if (message.via_bot) parts.push(el("div", { class: "forwarded" }, `${t("via")} @${message.via_bot.username}`));
  if (message.reply_to_message) {
    const replied = message.reply_to_message;
    parts.push(el("div", { class: "reply" }, el("b", {}, fullName(replied.from)), el("span", {}, preview(replied))));
  }
  return parts;
}

// actions: {act(name, body), copy(text), press(message, button, row, column, node), menu(message, event)}
export function bubble(message, personId, isGroup, actions) {
  const notice = service(message);
  if (notice) return el("div", { class: "notice", testid: "notice", data: { messageId: message.message_id } }, notice);
  const own = message.from.id === personId;
  const text = message.text ?? message.caption;
  const entities = message.entities || message.caption_entities || [];
  const body = text ? el("div", { class: "text", testid: "text", dir: "auto" }, formatted(text, entities, actions)) : null;
  const content = media(message);
  const box = el("div", { class: `bubble${message.sticker ? " bare" : ""}${message.photo ? " picture" : ""}`,
    oncontextmenu: (event) => actions.menu(message, event) },
    heading(message, isGroup, own), content, body, meta(message),
    message.reactions.length ? el("span", { class: "reactions", testid: "reactions" }, message.reactions.join(" ")) : null);
  return el("article", { class: `line ${own ? "own" : "theirs"}`, testid: "message",
    data: { messageId: message.message_id, from: own ? "me" : message.from_bot ? "bot" : "other" } },
    box, inlineKeyboard(message, actions.press));
}
